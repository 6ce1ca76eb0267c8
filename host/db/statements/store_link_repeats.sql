-- about: a figure of a copied text repeats the one of the text that ran first
-- param: document text the document
INSERT INTO figure_link(a, b, kind, score, made_by)
SELECT n.id, o.id, 'repeats', 1, 'store.figures'
FROM doc_text t
JOIN figure n ON n.document_id = t.document_id AND n.text_extractor = t.extractor
 AND n.text_version = t.version AND n.is_current = 1
JOIN figure o ON o.document_id = t.dup_of AND o.start_byte = n.start_byte
 AND o.end_byte = n.end_byte AND o.extractor = n.extractor AND o.is_current = 1
WHERE t.document_id = CAST($1 AS TEXT) AND t.is_current = 1 AND t.dup_of IS NOT NULL
ON CONFLICT(a, b, kind) DO NOTHING
