-- about: the chains of sources that earlier runs read go
-- param: document text the document
-- param: run text the run that writes
DELETE FROM attribution WHERE figure_id IN(
 SELECT id FROM figure WHERE document_id = CAST($1 AS TEXT)
  AND run_id <> CAST($2 AS TEXT))
