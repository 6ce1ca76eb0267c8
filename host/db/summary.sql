-- Brings the summary tables of schema.sql up to date for the documents in
-- summary_document, in the transaction that wrote them. A statement ends where a line
-- ends with `;`. Nothing is read but the rows of those documents and the groups that
-- they were in before or are in now; a row is written only where it changes. SQLite keeps
-- the order of a CROSS JOIN, which is why the marks, always few, stand first in one.

-- The groups that they were in.
INSERT INTO summary_series(topic_id, from_id, to_id, unit, origin_id, edition, work_id)
 SELECT DISTINCT c.topic_id, c.from_id, c.to_id, c.unit, c.origin_id, c.edition,
  c.work_id
 FROM summary_document s CROSS JOIN claim c
 WHERE c.document_id = s.document_id ON CONFLICT DO NOTHING;

DELETE FROM claim WHERE document_id IN(SELECT document_id FROM summary_document);

INSERT INTO claim(figure_id, document_id, topic_id, from_id, to_id, unit, origin_id,
  edition, work_id, bound, value, low, high, said, unconfirmed, hops, said_at, t, outlet,
  lang)
 SELECT v.id, v.document_id, v.topic_id, COALESCE(v.from_id, ''), COALESCE(v.to_id, ''),
  COALESCE(v.unit, ''), v.origin_id, v.edition, COALESCE(v.work_id, ''), v.bound,
  v.value, v.low, v.high, v.said,
  CASE WHEN v.hedge IN('unconfirmed','possible') THEN 1 ELSE 0 END, v.hops, v.said_at,
  v.t, v.outlet, v.lang
 FROM v_claim v
 WHERE v.document_id IN(SELECT document_id FROM summary_document)
  AND v.topic_id IS NOT NULL;

-- The groups that they are in now.
INSERT INTO summary_series(topic_id, from_id, to_id, unit, origin_id, edition, work_id)
 SELECT DISTINCT c.topic_id, c.from_id, c.to_id, c.unit, c.origin_id, c.edition,
  c.work_id
 FROM summary_document s CROSS JOIN claim c
 WHERE c.document_id = s.document_id ON CONFLICT DO NOTHING;

DELETE FROM series
 WHERE (topic_id, from_id, to_id, unit, origin_id, edition) IN(
   SELECT topic_id, from_id, to_id, unit, origin_id, edition FROM summary_series)
  AND NOT EXISTS(SELECT 1 FROM claim c WHERE c.topic_id = series.topic_id
   AND c.from_id = series.from_id AND c.to_id = series.to_id AND c.unit = series.unit
   AND c.origin_id = series.origin_id AND c.edition = series.edition
   AND c.bound <> 'vague');

INSERT INTO series(topic_id, from_id, to_id, unit, origin_id, edition, m_low, m_high,
  variants, docs, outlets, langs, unconfirmed, hops, first_said, t)
 SELECT c.topic_id, c.from_id, c.to_id, c.unit, c.origin_id, c.edition,
  COALESCE(max(CASE WHEN c.bound IN('at_least','more_than','range')
    THEN COALESCE(c.low, c.value) END),
   min(CASE WHEN c.bound = 'exact' THEN c.value END)),
  COALESCE(min(CASE WHEN c.bound IN('at_most','less_than','range')
    THEN COALESCE(c.high, c.value) END),
   max(CASE WHEN c.bound = 'exact' THEN c.value END)),
  count(DISTINCT c.said), count(DISTINCT c.document_id), count(DISTINCT c.outlet),
  count(DISTINCT c.lang), min(c.unconfirmed), min(c.hops), min(c.said_at), max(c.t)
 FROM summary_series s CROSS JOIN claim c
 WHERE c.topic_id = s.topic_id AND c.from_id = s.from_id AND c.to_id = s.to_id
  AND c.unit = s.unit AND c.origin_id = s.origin_id AND c.edition = s.edition
  AND c.bound <> 'vague'
 GROUP BY c.topic_id, c.from_id, c.to_id, c.unit, c.origin_id, c.edition
 ON CONFLICT(topic_id, from_id, to_id, unit, origin_id, edition) DO UPDATE SET
  m_low = excluded.m_low, m_high = excluded.m_high, variants = excluded.variants,
  docs = excluded.docs, outlets = excluded.outlets, langs = excluded.langs,
  unconfirmed = excluded.unconfirmed, hops = excluded.hops,
  first_said = excluded.first_said, t = excluded.t;

-- The order of an origin's editions: which is the last, what each one revised.
UPDATE series SET is_latest = n.is_latest, is_revision = n.is_revision,
  p_low = n.p_low, p_high = n.p_high
 FROM (SELECT q.topic_id, q.from_id, q.to_id, q.unit, q.origin_id, q.edition,
   CASE WHEN q.rn = 1 THEN 1 ELSE 0 END AS is_latest, q.p_low, q.p_high,
   CASE WHEN q.p_low IS NULL AND q.p_high IS NULL THEN 0 ELSE 1 END AS is_revision
  FROM (SELECT m.topic_id, m.from_id, m.to_id, m.unit, m.origin_id, m.edition,
    row_number() OVER (PARTITION BY m.topic_id, m.from_id, m.to_id, m.unit, m.origin_id
     ORDER BY m.t DESC, m.docs DESC, m.edition DESC) AS rn,
    lag(m.m_low) OVER w AS p_low, lag(m.m_high) OVER w AS p_high
   FROM (SELECT DISTINCT topic_id, from_id, to_id, unit, origin_id FROM summary_series) s
   CROSS JOIN series m
   WHERE m.topic_id = s.topic_id AND m.from_id = s.from_id AND m.to_id = s.to_id
    AND m.unit = s.unit AND m.origin_id = s.origin_id
   WINDOW w AS (PARTITION BY m.topic_id, m.from_id, m.to_id, m.unit, m.origin_id
    ORDER BY m.t, m.edition)) q) n
 WHERE series.topic_id = n.topic_id AND series.from_id = n.from_id
  AND series.to_id = n.to_id AND series.unit = n.unit
  AND series.origin_id = n.origin_id AND series.edition = n.edition
  AND (series.is_latest <> n.is_latest OR series.is_revision <> n.is_revision
   OR series.p_low IS DISTINCT FROM n.p_low OR series.p_high IS DISTINCT FROM n.p_high);

DELETE FROM quantity
 WHERE (topic_id, from_id, to_id, unit) IN(
   SELECT topic_id, from_id, to_id, unit FROM summary_series)
  AND NOT EXISTS(SELECT 1 FROM series m WHERE m.topic_id = quantity.topic_id
   AND m.from_id = quantity.from_id AND m.to_id = quantity.to_id
   AND m.unit = quantity.unit AND m.is_latest = 1);

INSERT INTO quantity(topic_id, from_id, to_id, unit, origins, least_high, greatest_low)
 SELECT m.topic_id, m.from_id, m.to_id, m.unit,
  count(CASE WHEN m.origin_id NOT LIKE 'doc:%' THEN 1 END)
   + max(CASE WHEN m.origin_id LIKE 'doc:%' THEN 1 ELSE 0 END),
  min(m.m_high), max(m.m_low)
 FROM (SELECT DISTINCT topic_id, from_id, to_id, unit FROM summary_series) s
 CROSS JOIN series m
 WHERE m.topic_id = s.topic_id AND m.from_id = s.from_id AND m.to_id = s.to_id
  AND m.unit = s.unit AND m.is_latest = 1
 GROUP BY m.topic_id, m.from_id, m.to_id, m.unit
 ON CONFLICT(topic_id, from_id, to_id, unit) DO UPDATE SET origins = excluded.origins,
  least_high = excluded.least_high, greatest_low = excluded.greatest_low;

DELETE FROM distortion
 WHERE (topic_id, work_id) IN(
  SELECT topic_id, work_id FROM summary_series WHERE work_id <> '');

INSERT INTO distortion(topic_id, work_id, docs, figure_id, from_id, to_id, unit, m_unit,
  reason, bound, value, low, high, m_low, m_high)
 SELECT e.topic_id, e.work_id, e.docs, e.figure_id, e.from_id, e.to_id, e.unit, m.unit,
  CASE WHEN m.unit <> e.unit THEN 'currency'
   WHEN m.m_low > m.m_high * 1.05 THEN 'crossed'
   WHEN e.value < m.m_low * 0.95 OR e.value > m.m_high * 1.05 THEN 'outside'
   ELSE 'edge' END,
  e.bound, e.value, e.low, e.high, m.m_low, m.m_high
 FROM (SELECT c.topic_id, c.from_id, c.to_id, c.origin_id, c.work_id, c.unit, c.bound,
   c.value, c.low, c.high, count(DISTINCT c.document_id) AS docs,
   min(c.figure_id) AS figure_id
  FROM (SELECT DISTINCT topic_id, work_id FROM summary_series WHERE work_id <> '') s
  CROSS JOIN claim c
  WHERE c.work_id = s.work_id AND c.topic_id = s.topic_id AND c.bound <> 'vague'
  GROUP BY c.topic_id, c.from_id, c.to_id, c.origin_id, c.work_id, c.unit, c.bound,
   c.value, c.low, c.high) e
 JOIN series o ON o.topic_id = e.topic_id AND o.from_id = e.from_id
  AND o.to_id = e.to_id AND o.unit = e.unit AND o.origin_id = e.origin_id
  AND o.edition = e.work_id
 CROSS JOIN quantity q
 JOIN series m ON m.topic_id = q.topic_id AND m.from_id = q.from_id
  AND m.to_id = q.to_id AND m.unit = q.unit AND m.origin_id = e.origin_id
  AND m.edition = e.work_id
 WHERE q.topic_id = e.topic_id AND q.from_id = e.from_id AND q.to_id = e.to_id
  AND ((m.unit = e.unit AND (m.m_low > m.m_high * 1.05
    OR (e.bound = 'exact' AND (e.value < m.m_low * 0.95 OR e.value > m.m_high * 1.05
     OR m.m_low < m.m_high * 0.9))))
   OR (m.unit <> e.unit AND length(m.unit) = 3 AND length(e.unit) = 3
    AND m.docs > o.docs AND COALESCE(e.value, e.high) IN(m.m_low, m.m_high)));

DELETE FROM balance WHERE document_id IN(SELECT document_id FROM summary_document);

INSERT INTO balance(document_id, out_topic, back_topic, unit, out_work, out_from, out_to,
  back_work, back_from, back_to, origin_id, who, url, out_low, out_high, back_low,
  back_high)
 WITH side AS (
  SELECT c.document_id, c.topic_id, c.unit, c.work_id, c.from_id, c.to_id,
   min(c.origin_id) AS origin_id, max(c.outlet) AS outlet,
   COALESCE(max(CASE WHEN c.bound IN('at_least','more_than','range')
     THEN COALESCE(c.low, c.value) END),
    min(CASE WHEN c.bound = 'exact' THEN c.value END)) AS low,
   COALESCE(min(CASE WHEN c.bound IN('at_most','less_than','range')
     THEN COALESCE(c.high, c.value) END),
    max(CASE WHEN c.bound = 'exact' THEN c.value END)) AS high
  FROM summary_document s CROSS JOIN claim c
  WHERE c.document_id = s.document_id AND c.bound <> 'vague'
  GROUP BY c.document_id, c.topic_id, c.unit, c.work_id, c.from_id, c.to_id)
 SELECT a.document_id, a.topic_id, b.topic_id, a.unit, a.work_id, a.from_id, a.to_id,
  b.work_id, b.from_id, b.to_id, a.origin_id, COALESCE(a.outlet, NULLIF(a.work_id, '')),
  d.url, a.low, a.high, b.low, b.high
 FROM side a
 JOIN topic p ON p.id = a.topic_id AND p.returns IS NOT NULL
 JOIN side b ON b.document_id = a.document_id AND b.topic_id = p.returns
  AND b.unit = a.unit
  AND (a.work_id = '' OR b.work_id = '' OR a.work_id = b.work_id)
  AND (a.from_id = '' OR b.to_id = '' OR a.from_id = b.to_id)
  AND (a.to_id = '' OR b.from_id = '' OR a.to_id = b.from_id)
 JOIN document d ON d.id = a.document_id;

DELETE FROM summary_series;

DELETE FROM summary_document;
