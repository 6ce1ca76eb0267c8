-- How far the summaries differ from the views that define them: a row a table, its name
-- and how many rows the one has and the other has not. Both engines.
WITH view_claim AS (
 SELECT id, document_id, topic_id, COALESCE(from_id, '') AS a, COALESCE(to_id, '') AS b,
  COALESCE(unit, '') AS u, origin_id, edition, COALESCE(work_id, '') AS w, bound, value,
  low, high, said, hops, said_at, t, outlet, lang
 FROM v_claim WHERE topic_id IS NOT NULL),
kept_claim AS (
 SELECT figure_id, document_id, topic_id, from_id, to_id, unit, origin_id, edition,
  work_id, bound, value, low, high, said, hops, said_at, t, outlet, lang FROM claim),
view_series AS (
 SELECT m.topic_id, COALESCE(m.from_id, '') AS a, COALESCE(m.to_id, '') AS b,
  COALESCE(m.unit, '') AS u, m.origin_id, m.edition, m.m_low, m.m_high, m.variants,
  m.docs, m.outlets, m.langs, m.unconfirmed, m.hops, m.first_said, m.t
 FROM v_merged m),
kept_series AS (
 SELECT topic_id, from_id, to_id, unit, origin_id, edition, m_low, m_high, variants,
  docs, outlets, langs, unconfirmed, hops, first_said, t FROM series),
view_latest AS (
 SELECT topic_id, COALESCE(from_id, '') AS a, COALESCE(to_id, '') AS b,
  COALESCE(unit, '') AS u, origin_id, edition, m_low, m_high, t FROM v_latest),
kept_latest AS (
 SELECT topic_id, from_id, to_id, unit, origin_id, edition, m_low, m_high, t
 FROM series WHERE is_latest = 1),
view_revision AS (
 SELECT topic_id, COALESCE(from_id, '') AS a, COALESCE(to_id, '') AS b,
  COALESCE(unit, '') AS u, origin_id, edition, p_low, p_high FROM v_revision),
kept_revision AS (
 SELECT topic_id, from_id, to_id, unit, origin_id, edition, p_low, p_high
 FROM series WHERE is_revision = 1),
view_quantity AS (
 SELECT topic_id, COALESCE(from_id, '') AS a, COALESCE(to_id, '') AS b,
  COALESCE(unit, '') AS u, origins, least_high, greatest_low FROM v_quantity),
kept_quantity AS (
 SELECT topic_id, from_id, to_id, unit, origins, least_high, greatest_low FROM quantity),
view_distortion AS (
 SELECT topic_id, work_id, docs, figure_id, COALESCE(from_id, '') AS a,
  COALESCE(to_id, '') AS b, COALESCE(unit, '') AS u, COALESCE(m_unit, '') AS m, reason,
  bound, value, low, high, m_low, m_high FROM v_distortion),
kept_distortion AS (
 SELECT topic_id, work_id, docs, figure_id, from_id, to_id, unit, m_unit, reason, bound,
  value, low, high, m_low, m_high FROM distortion),
view_balance AS (
 SELECT document_id, out_topic, back_topic, COALESCE(unit, '') AS u,
  COALESCE(out_work, '') AS ow, COALESCE(out_from, '') AS o1, COALESCE(out_to, '') AS o2,
  COALESCE(back_work, '') AS bw, COALESCE(back_from, '') AS b1,
  COALESCE(back_to, '') AS b2, origin_id, COALESCE(outlet, out_work) AS who, url,
  out_low, out_high, back_low, back_high FROM v_balance),
kept_balance AS (
 SELECT document_id, out_topic, back_topic, unit, out_work, out_from, out_to, back_work,
  back_from, back_to, origin_id, who, url, out_low, out_high, back_low, back_high
 FROM balance),
conflict AS (
 SELECT a.topic_id, a.from_id, a.to_id, a.unit,
  CASE WHEN a.origin_id < b.origin_id THEN a.origin_id ELSE b.origin_id END AS one,
  CASE WHEN a.origin_id < b.origin_id THEN b.origin_id ELSE a.origin_id END AS other
 FROM quantity q JOIN series a ON a.topic_id = q.topic_id AND a.from_id = q.from_id
  AND a.to_id = q.to_id AND a.unit = q.unit AND a.is_latest = 1
 JOIN series b ON b.topic_id = q.topic_id AND b.from_id = q.from_id
  AND b.to_id = q.to_id AND b.unit = q.unit AND b.is_latest = 1
  AND b.m_low > a.m_high * 1.1 AND a.origin_id <> b.origin_id
 WHERE q.least_high * 1.1 < q.greatest_low
  AND (a.origin_id < b.origin_id OR a.m_low IS NULL OR b.m_high IS NULL
   OR NOT b.m_high * 1.1 < a.m_low)),
view_conflict AS (
 SELECT topic_id, COALESCE(from_id, '') AS a, COALESCE(to_id, '') AS b,
  COALESCE(unit, '') AS u, origin_a, origin_b FROM v_conflict)
SELECT 'claim' AS of_table,
 (SELECT count(*) FROM (SELECT * FROM view_claim EXCEPT SELECT * FROM kept_claim) x)
 + (SELECT count(*) FROM (SELECT * FROM kept_claim EXCEPT SELECT * FROM view_claim) x)
 + abs((SELECT count(*) FROM view_claim) - (SELECT count(*) FROM kept_claim))
 AS differences
UNION ALL SELECT 'series',
 (SELECT count(*) FROM (SELECT * FROM view_series EXCEPT SELECT * FROM kept_series) x)
 + (SELECT count(*) FROM (SELECT * FROM kept_series EXCEPT SELECT * FROM view_series) x)
UNION ALL SELECT 'latest',
 (SELECT count(*) FROM (SELECT * FROM view_latest EXCEPT SELECT * FROM kept_latest) x)
 + (SELECT count(*) FROM (SELECT * FROM kept_latest EXCEPT SELECT * FROM view_latest) x)
UNION ALL SELECT 'revision',
 (SELECT count(*) FROM (SELECT * FROM view_revision
  EXCEPT SELECT * FROM kept_revision) x)
 + (SELECT count(*) FROM (SELECT * FROM kept_revision
  EXCEPT SELECT * FROM view_revision) x)
UNION ALL SELECT 'quantity',
 (SELECT count(*) FROM (SELECT * FROM view_quantity
  EXCEPT SELECT * FROM kept_quantity) x)
 + (SELECT count(*) FROM (SELECT * FROM kept_quantity
  EXCEPT SELECT * FROM view_quantity) x)
UNION ALL SELECT 'distortion',
 (SELECT count(*) FROM (SELECT * FROM view_distortion
  EXCEPT SELECT * FROM kept_distortion) x)
 + (SELECT count(*) FROM (SELECT * FROM kept_distortion
  EXCEPT SELECT * FROM view_distortion) x)
UNION ALL SELECT 'balance',
 (SELECT count(*) FROM (SELECT * FROM view_balance EXCEPT SELECT * FROM kept_balance) x)
 + (SELECT count(*) FROM (SELECT * FROM kept_balance
  EXCEPT SELECT * FROM view_balance) x)
UNION ALL SELECT 'conflict',
 (SELECT count(*) FROM (SELECT * FROM view_conflict EXCEPT SELECT * FROM conflict) x)
 + (SELECT count(*) FROM (SELECT * FROM conflict EXCEPT SELECT * FROM view_conflict) x)
UNION ALL SELECT 'marks', (SELECT count(*) FROM summary_series)
 + (SELECT count(*) FROM summary_document)
