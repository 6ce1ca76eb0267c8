-- about: figures that nobody judged yet, the least sure first
-- param: limit integer =50 most rows
-- param: topic text = only this topic
-- param: lang text = only figures read in this language
-- A verdict is given for a text: its copies are not asked about again.
SELECT f.confidence, f.kind, f.text AS printed, f.bound,
 COALESCE(f.value_dec, f.low_dec || ' to ' || f.high_dec, f.vague_dec, f.time) AS amount,
 f.unit, f.counted, f.alt, f.topic_id AS topic, t.outlet, f.lang, d.url, f.id
FROM figure f
JOIN document d ON d.id = f.document_id
JOIN doc_text t ON t.document_id = f.document_id AND t.extractor = f.text_extractor
 AND t.version = f.text_version AND t.is_current = 1
WHERE f.is_current = 1 AND t.dup_of IS NULL
 AND (CAST($2 AS TEXT) = '' OR f.topic_id = CAST($2 AS TEXT))
 AND (CAST($3 AS TEXT) = '' OR f.lang = CAST($3 AS TEXT))
 AND NOT EXISTS(SELECT 1 FROM review r WHERE r.text_sha256 = t.text_sha256
  AND r.start_byte = f.start_byte AND r.end_byte = f.end_byte
  AND r.extractor = f.extractor)
ORDER BY f.confidence, f.id LIMIT CAST($1 AS BIGINT)
