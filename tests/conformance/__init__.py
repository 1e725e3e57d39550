"""Every energy system of oemof.solph's own tests, examples and tutorials, through this engine.

    make conformance                      all of them, half an hour
    make conformance ONLY=storage         those whose name holds a word
    make conformance UPDATE=1             write what was found to outcomes.csv

A system is one ``solph.Model`` that a test, an example or a tutorial builds. The optimum that
plain solph finds for it is the reference. ``outcomes.csv`` holds the outcome of each; a run in
which one has become worse fails.

``run`` fetches solph's source distribution and starts its programs; inside them ``recorder``
follows what they build, ``judge`` compares it with the engine, in processes of its own
(``isolation``), and ``outcomes`` and ``report`` say what came out.
"""
