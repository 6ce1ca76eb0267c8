-- about: statements that bent a study's figure: an edge as the value, another currency
-- param: topic text = only this topic
-- param: limit integer =100 most rows
-- reason: edge (an end printed as the value), outside (beyond the interval), crossed (a
-- lower edge above the upper one), currency (what most documents print in study_unit).
SELECT x.topic_id AS topic, x.work_id AS work, x.reason, f.text AS printed, x.bound,
 x.value, x.low, x.high, NULLIF(x.unit, '') AS unit, x.m_low AS study_low,
 x.m_high AS study_high, NULLIF(x.m_unit, '') AS study_unit, x.docs, t.outlet, d.url,
 x.figure_id
FROM (SELECT * FROM distortion
 WHERE CAST($1 AS TEXT) = '' OR topic_id = CAST($1 AS TEXT)
 ORDER BY topic_id, work_id, docs DESC, figure_id, m_unit
 LIMIT CAST($2 AS BIGINT)) x
JOIN figure f ON f.id = x.figure_id
JOIN document d ON d.id = f.document_id
LEFT JOIN doc_text t ON t.document_id = f.document_id AND t.extractor = f.text_extractor
 AND t.version = f.text_version
ORDER BY x.topic_id, x.work_id, x.docs DESC, x.figure_id, x.m_unit
