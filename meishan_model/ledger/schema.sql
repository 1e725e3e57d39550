-- The carbon ledger. Append-only: nothing is changed or deleted, a document that turned out wrong
-- is annulled as a whole by a later one. All rules stand here, so that no program can leave them.
BEGIN IMMEDIATE;

CREATE TABLE instrument (
    instrument TEXT NOT NULL PRIMARY KEY,
    unit TEXT NOT NULL,
    quantity_unit TEXT NOT NULL -- a thousandth of the unit: whole numbers, so that sums are exact
) STRICT;

INSERT INTO instrument (instrument, unit, quantity_unit)
VALUES ('certificate', 'MWh', 'kWh'), ('credit', 'tCO2', 'kgCO2'), ('sink', 'tCO2', 'kgCO2');

CREATE TABLE account (
    account TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    CONSTRAINT "there is no such kind of account" CHECK (
        kind IN ('registry', 'park', 'owner', 'buyer', 'grid_company', 'market')
    )
) STRICT;

INSERT INTO account (account, kind) VALUES ('issued', 'registry'), ('cancelled', 'registry');

-- What something is issued for, and who holds it first.
CREATE TABLE origin (
    origin TEXT NOT NULL PRIMARY KEY,
    role TEXT NOT NULL,
    instrument TEXT NOT NULL REFERENCES instrument,
    owner TEXT NOT NULL REFERENCES account,
    UNIQUE (origin, instrument),
    CONSTRAINT "role and instrument do not fit" CHECK (
        instrument = CASE
            WHEN role IN ('local', 'contract', 'unbundled', 'sold_to_grid') THEN 'certificate'
            WHEN role IN ('credit', 'sink') THEN role
            ELSE 'none'
        END
    )
) STRICT;

-- Written after its rows: what has a document is closed.
CREATE TABLE document (
    document INTEGER NOT NULL PRIMARY KEY,
    subject TEXT NOT NULL,
    year INTEGER NOT NULL,
    annuls INTEGER UNIQUE REFERENCES document,
    inputs_sha256 TEXT NOT NULL,
    market_factor REAL, -- tCO2/MWh of power that no contract covers
    content_sha256 TEXT NOT NULL,
    previous TEXT NOT NULL, -- chain of the document before
    chain TEXT NOT NULL UNIQUE, -- SHA-256 of previous and of all that the document says
    CONSTRAINT "there is no such year" CHECK (year BETWEEN 1990 AND 2100),
    CONSTRAINT "a factor is a number from 0 to 2 tCO2/MWh" CHECK (market_factor BETWEEN 0 AND 2)
) STRICT;

-- Issued once: an origin, a year and, for certificates, a month.
CREATE TABLE batch (
    batch INTEGER NOT NULL PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES document DEFERRABLE INITIALLY DEFERRED,
    origin TEXT NOT NULL,
    instrument TEXT NOT NULL,
    year INTEGER NOT NULL, -- of generation or take-up; of a credit, its vintage
    month INTEGER NOT NULL, -- 0: the whole year
    quantity INTEGER NOT NULL,
    square_metres INTEGER, -- of a sink
    rate REAL, -- of a sink [tCO2/(ha*a)]
    last_use INTEGER, -- of a credit: last year in which it may be cancelled
    UNIQUE (document, origin, year, month),
    FOREIGN KEY (origin, instrument) REFERENCES origin (origin, instrument),
    CONSTRAINT "there is no such year" CHECK (year BETWEEN 1990 AND 2100),
    CONSTRAINT "a quantity is a whole number above zero" CHECK (quantity > 0),
    CONSTRAINT "certificates have a month from 1 to 12, all else is of the year (0)" CHECK (
        month BETWEEN (instrument = 'certificate') AND 12 * (instrument = 'certificate')
    ),
    CONSTRAINT "a sink, and nothing else, has area and rate" CHECK (
        (square_metres IS NOT NULL AND rate IS NOT NULL) = (instrument = 'sink')
    ),
    CONSTRAINT "a credit, and nothing else, has a last year of use, not before its vintage" CHECK (
        (last_use IS NOT NULL) = (instrument = 'credit') AND coalesce(last_use >= year, 1)
    ),
    CONSTRAINT "a sink takes up its area times its rate" CHECK (
        square_metres IS NULL OR abs(quantity - square_metres * rate / 10) <= 1 + rate
    )
) STRICT;

-- One row is both sides of an entry, so that no batch can be out of balance.
CREATE TABLE movement (
    movement INTEGER NOT NULL PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES document DEFERRABLE INITIALLY DEFERRED,
    year INTEGER NOT NULL, -- of its document: when it is given, or claimed
    batch INTEGER NOT NULL REFERENCES batch,
    giver TEXT NOT NULL REFERENCES account,
    receiver TEXT NOT NULL REFERENCES account,
    quantity INTEGER NOT NULL,
    CONSTRAINT "a quantity is a whole number above zero" CHECK (quantity > 0),
    CONSTRAINT "giver and receiver are the same" CHECK (giver <> receiver)
) STRICT;

CREATE INDEX movements_of_batch ON movement (batch);
CREATE INDEX batches_of_origin ON batch (origin, year, month);

-- Emissions before any instrument; the instruments stand in the batches.
CREATE TABLE inventory (
    document INTEGER NOT NULL REFERENCES document DEFERRABLE INITIALLY DEFERRED,
    scope TEXT NOT NULL,
    carrier TEXT NOT NULL,
    kilograms INTEGER NOT NULL,
    kilowatt_hours INTEGER,
    PRIMARY KEY (document, scope, carrier),
    CONSTRAINT "there is no such scope" CHECK (
        scope IN ('scope1', 'scope2_location', 'scope2_market', 'gap', 'scope3_reported')
    )
) STRICT;

CREATE VIEW annulled AS SELECT annuls AS document FROM document WHERE annuls IS NOT NULL;

CREATE VIEW standing_document AS
SELECT * FROM document WHERE annuls IS NULL AND document NOT IN (SELECT document FROM annulled);

CREATE VIEW standing_batch AS
SELECT * FROM batch WHERE document NOT IN (SELECT document FROM annulled);

CREATE VIEW standing_movement AS
SELECT * FROM movement WHERE document NOT IN (SELECT document FROM annulled);

CREATE VIEW leg AS
SELECT batch, owner AS account, quantity FROM standing_batch JOIN origin USING (origin)
UNION ALL SELECT batch, 'issued', -quantity FROM standing_batch
UNION ALL SELECT batch, receiver, quantity FROM standing_movement
UNION ALL SELECT batch, giver, -quantity FROM standing_movement;

CREATE VIEW holding AS
SELECT batch, account, sum(quantity) AS quantity FROM leg GROUP BY batch, account;

-- Append-only, against REPLACE too, which deletes without asking the triggers of DELETE.
CREATE TRIGGER instrument_insert BEFORE INSERT ON instrument
BEGIN SELECT RAISE(ABORT, 'instruments are fixed'); END;
CREATE TRIGGER instrument_update BEFORE UPDATE ON instrument
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER instrument_delete BEFORE DELETE ON instrument
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER account_update BEFORE UPDATE ON account
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER account_delete BEFORE DELETE ON account
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER origin_update BEFORE UPDATE ON origin
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER origin_delete BEFORE DELETE ON origin
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER document_update BEFORE UPDATE ON document
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER document_delete BEFORE DELETE ON document
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER batch_update BEFORE UPDATE ON batch
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER batch_delete BEFORE DELETE ON batch
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER movement_update BEFORE UPDATE ON movement
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER movement_delete BEFORE DELETE ON movement
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER inventory_update BEFORE UPDATE ON inventory
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER inventory_delete BEFORE DELETE ON inventory
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

CREATE TRIGGER account_insert BEFORE INSERT ON account
BEGIN
    SELECT RAISE(ABORT, 'the account exists')
    WHERE NEW.account IN (SELECT account FROM account);
    SELECT RAISE(ABORT, 'the registry has its accounts') WHERE NEW.kind = 'registry';
END;

CREATE TRIGGER origin_insert BEFORE INSERT ON origin
BEGIN
    SELECT RAISE(ABORT, 'the origin exists')
    WHERE NEW.origin IN (SELECT origin FROM origin);
    SELECT RAISE(ABORT, 'the owner is no account of the kind that this role asks for')
    WHERE NOT EXISTS (
        SELECT 1 FROM account
        WHERE account = NEW.owner AND kind = CASE NEW.role
            WHEN 'contract' THEN 'owner'
            WHEN 'sold_to_grid' THEN 'grid_company'
            WHEN 'unbundled' THEN 'market'
            WHEN 'credit' THEN 'market'
            ELSE 'park'
        END
    );
END;

CREATE TRIGGER batch_insert BEFORE INSERT ON batch
BEGIN
    SELECT RAISE(ABORT, 'batches are numbered without a gap')
    WHERE NEW.batch IS NOT (SELECT coalesce(max(batch), 0) + 1 FROM batch);
    SELECT RAISE(ABORT, 'the document is closed')
    WHERE NEW.document IS NOT (SELECT coalesce(max(document), 0) + 1 FROM document);
    SELECT RAISE(ABORT, 'there is no such plant, credit or sink')
    WHERE NOT EXISTS (
        SELECT 1 FROM origin WHERE origin = NEW.origin AND instrument = NEW.instrument
    );
    SELECT RAISE(ABORT, 'is issued already, and is issued only once')
    WHERE EXISTS (
        SELECT 1 FROM standing_batch
        WHERE origin = NEW.origin AND year = NEW.year AND month = NEW.month
    );
END;

CREATE TRIGGER movement_insert BEFORE INSERT ON movement
BEGIN
    SELECT RAISE(ABORT, 'movements are numbered without a gap')
    WHERE NEW.movement IS NOT (SELECT coalesce(max(movement), 0) + 1 FROM movement);
    SELECT RAISE(ABORT, 'the document is closed')
    WHERE NEW.document IS NOT (SELECT coalesce(max(document), 0) + 1 FROM document);
    SELECT RAISE(ABORT, 'there is no such batch, or it is annulled')
    WHERE NEW.batch NOT IN (SELECT batch FROM standing_batch);
    SELECT RAISE(ABORT, 'is claimed before the year in which it is issued')
    WHERE NEW.receiver = 'cancelled'
    AND NEW.year < (SELECT year FROM batch WHERE batch = NEW.batch);
    SELECT RAISE(ABORT, 'is older than a credit may be when it is claimed')
    WHERE NEW.receiver = 'cancelled'
    AND NEW.year > (SELECT last_use FROM batch WHERE batch = NEW.batch);
    SELECT RAISE(ABORT, 'the giver is no account that can give')
    WHERE NEW.giver NOT IN (SELECT account FROM account WHERE kind <> 'registry');
    SELECT RAISE(ABORT, 'the receiver is no account that can receive')
    WHERE NEW.receiver NOT IN (SELECT account FROM account WHERE account <> 'issued');
    SELECT RAISE(ABORT, 'the giver holds less than that')
    WHERE NEW.quantity > (
        SELECT coalesce(sum(quantity), 0) FROM leg
        WHERE batch = NEW.batch AND account = NEW.giver
    );
END;

CREATE TRIGGER inventory_insert BEFORE INSERT ON inventory
BEGIN
    SELECT RAISE(ABORT, 'the document is closed')
    WHERE NEW.document IS NOT (SELECT coalesce(max(document), 0) + 1 FROM document);
    SELECT RAISE(ABORT, 'the item stands already')
    WHERE EXISTS (
        SELECT 1 FROM inventory
        WHERE document = NEW.document AND scope = NEW.scope AND carrier = NEW.carrier
    );
END;

CREATE TRIGGER document_insert BEFORE INSERT ON document
BEGIN
    SELECT RAISE(ABORT, 'documents are numbered without a gap')
    WHERE NEW.document IS NOT (SELECT coalesce(max(document), 0) + 1 FROM document);
    SELECT RAISE(ABORT, 'the chain is broken')
    WHERE NEW.chain IN (SELECT chain FROM document)
    OR NEW.previous IS NOT coalesce(
        (SELECT chain FROM document ORDER BY document DESC LIMIT 1), ''
    );
    SELECT RAISE(ABORT, 'a movement is of another year than its document')
    WHERE EXISTS (SELECT 1 FROM movement WHERE document = NEW.document AND year <> NEW.year);
    SELECT RAISE(ABORT, 'the subject is posted already; annul that document first')
    WHERE NEW.annuls IS NULL AND EXISTS (
        SELECT 1 FROM standing_document WHERE subject = NEW.subject
    );
END;

CREATE TRIGGER annulment_insert BEFORE INSERT ON document WHEN NEW.annuls IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'there is no such document to annul, or it is annulled already')
    WHERE NOT EXISTS (
        SELECT 1 FROM standing_document WHERE document = NEW.annuls AND subject = NEW.subject
    );
    SELECT RAISE(ABORT, 'an annulment has no rows of its own')
    WHERE NEW.document IN (
        SELECT document FROM batch
        UNION SELECT document FROM movement UNION SELECT document FROM inventory
    );
    SELECT RAISE(ABORT, 'another document has moved what this one issued')
    WHERE EXISTS (
        SELECT 1 FROM batch JOIN standing_movement AS moved USING (batch)
        WHERE batch.document = NEW.annuls AND moved.document <> NEW.annuls
    );
    SELECT RAISE(ABORT, 'it moves what another document issued, and that is final')
    WHERE EXISTS (
        SELECT 1 FROM movement JOIN standing_batch AS issued USING (batch)
        WHERE movement.document = NEW.annuls AND issued.document <> NEW.annuls
    );
END;

PRAGMA user_version = 2;
COMMIT;
