-- about: the links that start at figures of earlier runs go
-- param: document text the document
-- param: run text the run that writes
DELETE FROM figure_link WHERE a IN(
 SELECT id FROM figure WHERE document_id = CAST($1 AS TEXT)
  AND run_id <> CAST($2 AS TEXT))
