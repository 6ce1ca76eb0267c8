-- about: what is stored of a document's figures, and whether a person corrected them
-- param: document text the document
SELECT f.id, f.first_run_id, f.bound, f.value_dec, f.low_dec, f.high_dec, f.unit, f.counted, f.extractor,
 f.extractor_version, CASE WHEN EXISTS(SELECT 1 FROM figure_history h
  WHERE h.figure_id = f.id AND h.extractor_version = f.extractor_version)
  THEN 1 ELSE 0 END AS is_kept
FROM figure f WHERE f.document_id = CAST($1 AS TEXT)
