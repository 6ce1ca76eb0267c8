-- about: conversions in a text that the day's rates do not give: a misprinted currency
-- param: slack number =0.1 how far from 1 the quotient may be
-- param: limit integer =100 most rows
SELECT q.a_text, q.b_text,
 CAST(ROUND(CAST(q.quotient AS NUMERIC), 3) AS DOUBLE PRECISION) AS quotient, q.day,
 q.url, q.a, q.b
FROM (SELECT a.id AS a, b.id AS b, a.text AS a_text, b.text AS b_text,
   fa.day AS day, d.url AS url,
   (a.value * fa.usd) / NULLIF(b.value * fb.usd, 0) AS quotient
  FROM figure_link l
  JOIN figure a ON a.id = l.a
  JOIN figure b ON b.id = l.b
  JOIN document d ON d.id = a.document_id
  JOIN fx fa ON fa.ccy = a.unit AND fa.day = substr(d.fetched_at, 1, 10)
  JOIN fx fb ON fb.ccy = b.unit AND fb.day = substr(d.fetched_at, 1, 10)
  WHERE l.kind = 'same_amount') q
WHERE q.quotient < 1 - CAST($1 AS DOUBLE PRECISION)
 OR q.quotient > 1 + CAST($1 AS DOUBLE PRECISION)
ORDER BY q.day DESC, q.a, q.b
LIMIT CAST($2 AS BIGINT)
