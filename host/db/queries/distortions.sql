-- about: statements that bent a study's figure: an edge as the value, or outside of it
-- param: topic text = only this topic
-- param: limit integer =100 most rows
SELECT x.topic_id AS topic, x.work_id AS work, f.text AS printed, x.bound,
 x.value, x.low, x.high, x.m_low AS study_low, x.m_high AS study_high, x.docs, t.outlet,
 d.url, x.figure_id
FROM v_distortion x
JOIN figure f ON f.id = x.figure_id
JOIN document d ON d.id = f.document_id
LEFT JOIN doc_text t ON t.document_id = f.document_id AND t.extractor = f.text_extractor
 AND t.version = f.text_version
WHERE CAST($1 AS TEXT) = '' OR x.topic_id = CAST($1 AS TEXT)
ORDER BY x.topic_id, x.work_id, x.docs DESC, x.figure_id
LIMIT CAST($2 AS BIGINT)
