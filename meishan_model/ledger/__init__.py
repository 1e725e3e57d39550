r"""The carbon ledger: who holds which certificate, credit and sink, and what is claimed with it.

Carbon accounts of parks fail on double counting. Here a quantity is issued once, as a batch of an
origin (plant, credit, sink), a year and, for certificates, a month; it is moved between accounts
and cancelled at most once. For every batch :math:`b` with issued quantity :math:`q_b`, holdings
:math:`h_{b,a}` of the accounts :math:`a` and cancelled quantity :math:`c_b`

.. math:: q_b = \sum_a h_{b,a} + c_b, \qquad h_{b,a} \ge 0, \qquad c_b \ge 0

holds after each posting: a movement is one row with a giver and a receiver, both sides of a
double entry, so its sum is zero, and no account gives more than it holds. What the park sells
outside it no longer holds and therefore cannot cancel. The rules are constraints and triggers of
the data base (``schema.sql``), whoever writes to it. Quantities are whole kWh and kgCO2.

Postings come in documents, one transaction each, closed by the document's own row, which carries
a SHA-256 over its content and over the document before it. A slice that was solved again is not
changed: its document is annulled by another one, as a whole, and the new one posted; both stay.

A batch with its whole emission inventory beside it makes the neutrality statement, which is made
from a result and from the ledger by two ways that must agree.
"""
