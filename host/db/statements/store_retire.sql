-- about: figures of a document count no more, until this run writes them again
-- param: document text the document
-- param: run text the run that writes
UPDATE figure SET is_current = 0, retired_by = CAST($2 AS TEXT)
WHERE document_id = CAST($1 AS TEXT) AND run_id <> CAST($2 AS TEXT) AND is_current = 1
