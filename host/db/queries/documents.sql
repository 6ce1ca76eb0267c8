-- about: the documents fetched last, what they are and how many figures they gave
-- param: pipeline text = only this pipeline
-- param: source text = only this source
-- param: limit integer =50 most rows
SELECT d.fetched_at, d.pipeline, d.source_id AS source, t.outlet, t.lang, t.title,
 (SELECT count(*) FROM figure f WHERE f.document_id = d.id AND f.is_current = 1)
  AS figures,
 d.url, d.http_status, d.media_type, t.dup_of AS copy_of, d.prev_id AS version_before,
 d.id
FROM document d
LEFT JOIN doc_text t ON t.document_id = d.id AND t.is_current = 1
WHERE (CAST($1 AS TEXT) = '' OR d.pipeline = CAST($1 AS TEXT))
 AND (CAST($2 AS TEXT) = '' OR d.source_id = CAST($2 AS TEXT))
ORDER BY d.fetched_at DESC, d.url, d.id
LIMIT CAST($3 AS BIGINT)
