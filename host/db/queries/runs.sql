-- about: the runs started last, how they ended and what they counted
-- param: pipeline text = only this pipeline
-- param: status text = only runs of this status
-- param: limit integer =20 most rows
SELECT started_at, ended_at, pipeline, kind, status, counts, error, tick_at, host, id
FROM run
WHERE (CAST($1 AS TEXT) = '' OR pipeline = CAST($1 AS TEXT))
 AND (CAST($2 AS TEXT) = '' OR status = CAST($2 AS TEXT))
ORDER BY started_at DESC, id
LIMIT CAST($3 AS BIGINT)
