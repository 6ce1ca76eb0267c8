-- The home database. One text for both engines: it loads unchanged in SQLite 3.40 and
-- PostgreSQL 15, in one transaction. Words and columns of `figure` are those of the
-- figure record; *_dec is the exact decimal as text and the truth, the double beside it
-- is for computing. Times are text, YYYY-MM-DDTHH:MM:SSZ. Ids are hashes, so that a
-- repeat is an upsert. Flags are 0 or 1.
--
-- BYTEA is the one type whose name the engines do not share. It is PostgreSQL's word
-- for bytes; SQLite takes any word as a type, gives this one no conversion of bytes,
-- and keeps a blob a blob. So nothing is substituted when the schema is loaded.

-- ---- the host's own tables ----

-- What the schema was brought up by; the highest version is the schema's.
CREATE TABLE schema_version(
 version BIGINT PRIMARY KEY, applied_at TEXT NOT NULL, host_version TEXT NOT NULL);

CREATE TABLE run(
 id TEXT PRIMARY KEY, pipeline TEXT NOT NULL, tick_at TEXT,
 shard SMALLINT NOT NULL DEFAULT 0, -- of its tick; 0: all sources
 kind TEXT NOT NULL DEFAULT 'tick', script_hash TEXT,
 triggered_by TEXT, -- of a tick: 'time', 'request', 'after', 'file'
 attempt BIGINT NOT NULL DEFAULT 1,
 data_from TEXT, data_to TEXT, -- the interval of the data: since the last tick done
 plugins TEXT,   -- JSON object name: version
 settings TEXT,  -- JSON of what departs from the defaults
 host_version TEXT NOT NULL, host TEXT,
 started_at TEXT NOT NULL, ended_at TEXT, status TEXT NOT NULL DEFAULT 'running',
 counts TEXT,    -- JSON object counter: number
 unusual TEXT,   -- what departs from the last runs, in words
 cpu_ms BIGINT, peak_kb BIGINT, -- CPU time and peak memory of its processes
 error TEXT, log TEXT);
CREATE INDEX run_pipeline ON run(pipeline, started_at);

-- The last epoch given out, to whatever was claimed: claims fence commits by it.
CREATE TABLE fence(
 only_row SMALLINT PRIMARY KEY CHECK(only_row = 1), epoch BIGINT NOT NULL);
INSERT INTO fence(only_row, epoch) VALUES(1, 0);

-- Who runs a pipeline, or a shard of it, now; no row: nobody. Shard 0 is the whole and
-- excludes all others. `owner` is the host's name, `boot` what its
-- process numbers are valid in (boot and process namespace), process_start the start of
-- the process in clock ticks since that boot: a number that was used again is told
-- apart.
CREATE TABLE lease(
 pipeline TEXT NOT NULL, shard SMALLINT NOT NULL DEFAULT 0,
 run_id TEXT NOT NULL REFERENCES run(id),
 epoch BIGINT NOT NULL, owner TEXT NOT NULL, boot TEXT, pid BIGINT NOT NULL,
 process_start BIGINT NOT NULL, taken_at TEXT NOT NULL, until TEXT NOT NULL,
 PRIMARY KEY(pipeline, shard));

-- What the scheduler knows of a pipeline: `spec` is what `mizan describe --json` said,
-- `signature` the files it was made of (path, size, change). A file that was never
-- loaded has its path for a name. `after_run` and `files_seen` say which run of another
-- pipeline and which files already made a tick. Where `deployed_hash` stands, only hosts
-- whose files have that hash run it.
CREATE TABLE pipeline(
 name TEXT PRIMARY KEY, file TEXT NOT NULL, spec TEXT, spec_hash TEXT, signature TEXT,
 state TEXT NOT NULL DEFAULT 'ok' CHECK(state IN('ok','broken','gone')), error TEXT,
 paused_at TEXT, paused_by TEXT, next_tick TEXT, after_run TEXT, files_seen TEXT,
 loaded_at TEXT, deployed_hash TEXT, deployed_at TEXT, deployed_by TEXT);
CREATE INDEX pipeline_paused ON pipeline(name) WHERE paused_at IS NOT NULL;

-- A due time of a pipeline (of one split into shards: of each of them, from 1), or (tick_to, ticks) a range of skipped ones with its cause.
-- A ready tick with an owner is kept for that host until `lease_until`. `run_id` is the
-- last run of it; `stop_cause` why that one was told to stop. A run that failed is
-- followed by `retries` more, the first after `retry_delay` milliseconds.
CREATE TABLE tick(
 pipeline TEXT NOT NULL, tick_at TEXT NOT NULL, shard SMALLINT NOT NULL DEFAULT 0,
 state TEXT NOT NULL DEFAULT 'ready'
  CHECK(state IN('ready','running','done','failed','skipped')),
 kind TEXT NOT NULL DEFAULT 'time' CHECK(kind IN('time','request','after','file')),
 attempt BIGINT NOT NULL DEFAULT 0, epoch BIGINT, owner TEXT, lease_until TEXT,
 not_before TEXT, cause TEXT, tick_to TEXT, ticks BIGINT NOT NULL DEFAULT 1,
 run_id TEXT, stop_cause TEXT, retries BIGINT NOT NULL DEFAULT 0,
 retry_delay BIGINT NOT NULL DEFAULT 0,
 PRIMARY KEY(pipeline, tick_at, shard));
CREATE UNIQUE INDEX tick_one_running ON tick(pipeline, shard) WHERE state = 'running';
CREATE INDEX tick_due ON tick(tick_at) WHERE state IN('ready','running');
CREATE INDEX tick_run ON tick(run_id);

-- What people ask of the scheduler: a run of a pipeline, or that a run stops. The
-- dashboard and the commands write rows here; a scheduler takes each once.
CREATE TABLE run_request(
 id TEXT PRIMARY KEY, kind TEXT NOT NULL DEFAULT 'run' CHECK(kind IN('run','cancel')),
 pipeline TEXT NOT NULL, run_id TEXT, -- run_id: what is to stop
 asked_at TEXT NOT NULL, asked_by TEXT, taken_at TEXT, outcome TEXT);
CREATE INDEX run_request_open ON run_request(asked_at) WHERE taken_at IS NULL;

-- What was committed for a tick: a repeat of a batch finds its row and does nothing.
-- `n` is drawn from the batch's identity, not its place: a second run of the tick sees
-- other batches first.
CREATE TABLE batch(
 pipeline TEXT NOT NULL, tick_at TEXT NOT NULL, shard SMALLINT NOT NULL DEFAULT 0,
 n BIGINT NOT NULL, epoch BIGINT NOT NULL, digest TEXT, rows BIGINT NOT NULL,
 PRIMARY KEY(pipeline, tick_at, shard, n));

-- What all hosts together may ask of one site: nobody asks before next_ok. Durations
-- are milliseconds; next_ok and robots_until have them too, as a fraction of the second.
-- failures are in a row, tokens tenths of a retry, pause why next_ok is what it is;
-- wanted: somebody waits while another keeps asking.
CREATE TABLE host_budget(
 host TEXT PRIMARY KEY, next_ok TEXT, duration BIGINT NOT NULL DEFAULT 0,
 delay BIGINT NOT NULL DEFAULT 0, failures BIGINT NOT NULL DEFAULT 0,
 tokens BIGINT NOT NULL DEFAULT 0, requests BIGINT NOT NULL DEFAULT 0,
 throttled BIGINT NOT NULL DEFAULT 0, wanted SMALLINT NOT NULL DEFAULT 0,
 pause TEXT NOT NULL DEFAULT 'none' CHECK(pause IN('none','throttled','failing')));
-- robots.txt as it was read, per scheme://host:port. Empty: there is none; a line
-- `#!unreachable WHY`: it could not be read, so nothing is asked.
CREATE TABLE host_robots(
 origin TEXT PRIMARY KEY, body BYTEA NOT NULL, until TEXT NOT NULL);

-- The machines that run the scheduler.
CREATE TABLE host(
 name TEXT PRIMARY KEY, host_version TEXT NOT NULL, boot TEXT, pid BIGINT,
 process_start BIGINT, started_at TEXT NOT NULL, heartbeat TEXT NOT NULL,
 labels TEXT,    -- words, each between commas: ',eu,gpu,'
 deployed TEXT); -- JSON object pipeline: hash of its files

-- One row per source of a pipeline: state and health. The script is the only list of
-- sources; what is here and no longer there is history.
CREATE TABLE source(
 pipeline TEXT NOT NULL, id TEXT NOT NULL, outlet TEXT, lang TEXT, number_format TEXT,
 paused SMALLINT NOT NULL DEFAULT 0, fails SMALLINT NOT NULL DEFAULT 0, next_at TEXT,
 last_error TEXT, ok_at TEXT, PRIMARY KEY(pipeline, id));
CREATE TABLE source_state(
 pipeline TEXT NOT NULL, source_id TEXT NOT NULL, key TEXT NOT NULL,
 value TEXT NOT NULL, PRIMARY KEY(pipeline, source_id, key));
-- One row per address a source has fetched: the validators for the next request.
CREATE TABLE url_state(
 pipeline TEXT NOT NULL, source_id TEXT NOT NULL, url TEXT NOT NULL, etag TEXT,
 last_modified TEXT, checked_at TEXT, document_id TEXT,
 PRIMARY KEY(pipeline, source_id, url));

-- Bodies as they came, one copy per digest. `size` counts the bytes before compression.
-- With `file` the body lies there, on the machine that fetched it, and is empty here.
CREATE TABLE raw(
 sha256 TEXT PRIMARY KEY, size BIGINT NOT NULL,
 encoding TEXT NOT NULL CHECK(encoding IN('none','zstd')), body BYTEA NOT NULL,
 stored_at TEXT NOT NULL, file TEXT);

-- What was rejected or broke. A repeat of the same failure on the same input is the
-- same row: `attempts` counts, run_id and `at` are the last, first_at the first. Kept
-- for 30 days after `at`.
CREATE TABLE dead_letter(
 id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, pipeline TEXT NOT NULL,
 run_id TEXT REFERENCES run(id), source_id TEXT, url TEXT, document_id TEXT,
 outcome TEXT NOT NULL CHECK(outcome IN('reject','error')), stage TEXT NOT NULL,
 place TEXT, reason TEXT NOT NULL, traceback TEXT, record TEXT, script_hash TEXT,
 raw_sha256 TEXT, attempts BIGINT NOT NULL DEFAULT 1, first_at TEXT NOT NULL,
 at TEXT NOT NULL,
 resolved_at TEXT); -- when the same input went through after all
CREATE INDEX dead_letter_at ON dead_letter(pipeline, at);
CREATE INDEX dead_letter_fingerprint ON dead_letter(fingerprint);
CREATE INDEX dead_letter_input ON dead_letter(raw_sha256);

-- Units that failed and are to be tried again from their kept bodies.
CREATE TABLE attempt(
 pipeline TEXT NOT NULL, source_id TEXT NOT NULL, url TEXT NOT NULL,
 attempts BIGINT NOT NULL DEFAULT 1, reason TEXT NOT NULL, raw_sha256 TEXT NOT NULL,
 media_type TEXT, charset TEXT, http_status SMALLINT, fetched_at TEXT NOT NULL,
 etag TEXT, last_modified TEXT, set_aside SMALLINT NOT NULL DEFAULT 0, next_at TEXT,
 PRIMARY KEY(pipeline, source_id, url));

-- Effects outside the database, done after the commit that wrote them, at least once.
-- `payload` is the whole message and `settings` JSON of how it goes out: the names of
-- secrets, never their values. `claim` is the process that is sending it, until
-- claim_until at most; last_error why the last try failed, or why it was given up.
CREATE TABLE outbox(
 id TEXT PRIMARY KEY, pipeline TEXT, run_id TEXT REFERENCES run(id),
 kind TEXT NOT NULL CHECK(kind IN('webhook','command','mail')), target TEXT NOT NULL,
 settings TEXT, payload TEXT NOT NULL, created_at TEXT NOT NULL,
 state TEXT NOT NULL DEFAULT 'due' CHECK(state IN('due','sent','dead')),
 attempts BIGINT NOT NULL DEFAULT 0, next_at TEXT NOT NULL, claim TEXT,
 claim_until TEXT, sent_at TEXT, last_error TEXT);
CREATE INDEX outbox_due ON outbox(next_at) WHERE state = 'due';
CREATE INDEX outbox_run ON outbox(run_id);

-- What is watched of a pipeline, as its last run found it in the scripts: `rules` is
-- JSON of what tells whom, `watched_from` when that began. And what is wrong now: a row
-- for each alert that was told and is not over.
CREATE TABLE alert_rule(
 pipeline TEXT PRIMARY KEY, rules TEXT NOT NULL, cron TEXT, tz TEXT,
 watched_from TEXT NOT NULL);
CREATE TABLE alert(
 pipeline TEXT NOT NULL, kind TEXT NOT NULL CHECK(kind IN('failure','late','few')),
 since TEXT NOT NULL, run_id TEXT, reason TEXT NOT NULL, PRIMARY KEY(pipeline, kind));

-- ---- documents ----

-- One row per fetched response that differed from the one before; prev_id chains the
-- versions of one address.
CREATE TABLE document(
 id TEXT PRIMARY KEY, pipeline TEXT NOT NULL, source_id TEXT NOT NULL,
 run_id TEXT REFERENCES run(id), url TEXT NOT NULL, canonical_url TEXT,
 fetched_at TEXT NOT NULL, http_status SMALLINT, media_type TEXT, charset_declared TEXT,
 charset_used TEXT, raw_sha256 TEXT NOT NULL,
 headers TEXT, -- JSON {"request": {…}, "response": {…}}, less what may be secret
 raw_at TEXT, -- where the raw body lies when it is not in `raw`
 prev_id TEXT REFERENCES document(id));
CREATE INDEX document_address ON document(pipeline, source_id, url);
CREATE INDEX document_fetched ON document(fetched_at);

-- What an extractor made of a document: judged for edits only against the same
-- extractor and version.
CREATE TABLE doc_text(
 document_id TEXT NOT NULL REFERENCES document(id), extractor TEXT NOT NULL,
 version TEXT NOT NULL, is_current SMALLINT NOT NULL DEFAULT 1, title TEXT, outlet TEXT,
 author TEXT, published_at TEXT, modified_at TEXT, lang TEXT, lang_confidence DOUBLE PRECISION,
 text TEXT NOT NULL, text_sha256 TEXT NOT NULL, simhash TEXT,
 dup_of TEXT REFERENCES document(id), PRIMARY KEY(document_id, extractor, version));
CREATE INDEX doc_text_digest ON doc_text(text_sha256);
-- By what near copies of a text are found: four quarters of its simhash, four pairs of
-- least hashes. Only of current texts that are no copies themselves.
CREATE TABLE text_band(
 band SMALLINT NOT NULL, value BIGINT NOT NULL,
 document_id TEXT NOT NULL REFERENCES document(id),
 PRIMARY KEY(band, value, document_id));
CREATE INDEX text_band_document ON text_band(document_id);

-- ---- what the texts say ----

CREATE TABLE entity(
 id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, iso3 TEXT, wikidata TEXT);
CREATE TABLE entity_alias(
 entity_id TEXT NOT NULL REFERENCES entity(id), lang TEXT NOT NULL, norm TEXT NOT NULL,
 PRIMARY KEY(norm, lang, entity_id));
CREATE TABLE work(
 id TEXT PRIMARY KEY, title TEXT NOT NULL, publisher_id TEXT REFERENCES entity(id),
 issued TEXT, url TEXT);
-- returns: the topic of the flow back, for the ratio of the two.
CREATE TABLE topic(
 id TEXT PRIMARY KEY, label TEXT NOT NULL, returns TEXT REFERENCES topic(id),
 kind TEXT NOT NULL,
 measure TEXT NOT NULL DEFAULT 'stock' CHECK(measure IN('stock','flow','rate')),
 stage TEXT CHECK(stage IN('pledged','allocated','delivered','produced','observed')));

-- id = hash(document_id, text_sha256, extractor, start_byte, end_byte, ordinal within
-- the span): it survives a new extractor version. The offsets index the text that
-- (document_id, text_extractor, text_version) names. A point value is in `value`, the
-- ends of a range in low and high, the floor of a vague magnitude in `vague`. run_id is
-- the run that read it last, first_run_id the one that read it first, retired_by the one
-- that read the document and not this figure.
CREATE TABLE figure(
 id TEXT PRIMARY KEY, document_id TEXT NOT NULL REFERENCES document(id),
 run_id TEXT NOT NULL REFERENCES run(id), topic_id TEXT REFERENCES topic(id),
 work_id TEXT REFERENCES work(id), text_extractor TEXT NOT NULL,
 text_version TEXT NOT NULL, start_byte BIGINT NOT NULL, end_byte BIGINT NOT NULL,
 locator TEXT, text TEXT NOT NULL, sentence_start BIGINT, sentence_end BIGINT,
 lang TEXT,
 kind TEXT NOT NULL CHECK(kind IN('money','percent','measure','count','ratio','number',
  'time','ordinal')),
 bound TEXT NOT NULL CHECK(bound IN('exact','range','at_least','more_than','at_most',
  'less_than','vague')),
 value DOUBLE PRECISION, low DOUBLE PRECISION, high DOUBLE PRECISION,
 vague DOUBLE PRECISION, value_dec TEXT, low_dec TEXT, high_dec TEXT, vague_dec TEXT,
 approx SMALLINT NOT NULL DEFAULT 0 CHECK(approx IN(0,1)),
 side TEXT CHECK(side IN('below','above')), significant SMALLINT, unit TEXT, per TEXT,
 counted TEXT, fraction TEXT, alt TEXT, time TEXT, as_of TEXT, as_of_from TEXT,
 as_of_to TEXT,
 hedge TEXT CHECK(hedge IN('estimated','claimed','unconfirmed','planned','possible',
  'denied')),
 change TEXT CHECK(change IN('up_by','down_by','up_to','down_to','changed')),
 confidence DOUBLE PRECISION NOT NULL, extractor TEXT NOT NULL, extractor_version TEXT NOT NULL,
 is_current SMALLINT NOT NULL DEFAULT 1 CHECK(is_current IN(0,1)),
 first_run_id TEXT, retired_by TEXT,
 eff_low DOUBLE PRECISION GENERATED ALWAYS AS (CASE bound WHEN 'range' THEN low
  WHEN 'at_most' THEN NULL WHEN 'less_than' THEN NULL WHEN 'vague' THEN vague
  ELSE value END) STORED,
 eff_high DOUBLE PRECISION GENERATED ALWAYS AS (CASE bound WHEN 'range' THEN high
  WHEN 'at_least' THEN NULL WHEN 'more_than' THEN NULL WHEN 'vague' THEN NULL
  ELSE value END) STORED,
 CHECK(end_byte > start_byte), CHECK(low IS NULL OR high IS NULL OR low <= high),
 CHECK(kind = 'time' OR (bound = 'range' AND low IS NOT NULL AND high IS NOT NULL)
  OR (bound = 'vague' AND vague IS NOT NULL)
  OR (bound NOT IN('range','vague') AND value IS NOT NULL)),
 CHECK(kind <> 'money' OR unit IS NOT NULL));
CREATE INDEX figure_topic ON figure(topic_id, as_of_to);
CREATE INDEX figure_document ON figure(document_id);
CREATE INDEX figure_first_run ON figure(first_run_id);
CREATE INDEX figure_retired ON figure(retired_by) WHERE retired_by IS NOT NULL;
-- What an older extractor version had read, kept when a newer one reads otherwise;
-- run_id: the run that did so, NULL where a person did.
CREATE TABLE figure_history(
 figure_id TEXT NOT NULL REFERENCES figure(id), extractor_version TEXT NOT NULL,
 superseded_at TEXT NOT NULL, bound TEXT NOT NULL, value_dec TEXT, low_dec TEXT,
 high_dec TEXT, unit TEXT, counted TEXT, run_id TEXT,
 PRIMARY KEY(figure_id, extractor_version));
CREATE TABLE figure_role(
 figure_id TEXT NOT NULL REFERENCES figure(id),
 role TEXT NOT NULL CHECK(role IN('from','to','about','place')),
 entity_id TEXT NOT NULL REFERENCES entity(id), text TEXT,
 PRIMARY KEY(figure_id, role, entity_id));
-- hop 0 is the outlet that published, the highest hop the origin.
CREATE TABLE attribution(
 figure_id TEXT NOT NULL REFERENCES figure(id), hop SMALLINT NOT NULL,
 entity_id TEXT REFERENCES entity(id), name TEXT NOT NULL,
 role TEXT NOT NULL
  CHECK(role IN('outlet','agency','spokesperson','author','origin')),
 verb TEXT,
 stance TEXT NOT NULL DEFAULT 'asserts'
  CHECK(stance IN('asserts','estimates','denies','doubts','quotes')),
 start_byte BIGINT, end_byte BIGINT, PRIMARY KEY(figure_id, hop));
CREATE TABLE figure_link(
 a TEXT NOT NULL REFERENCES figure(id), b TEXT NOT NULL REFERENCES figure(id),
 kind TEXT NOT NULL
  CHECK(kind IN('same_amount','part_of','repeats','supersedes','contradicts')),
 score DOUBLE PRECISION, made_by TEXT NOT NULL, PRIMARY KEY(a, b, kind));
-- Append-only; keyed by text and span, so that a verdict holds for copies of the text
-- and for new extractor versions.
CREATE TABLE review(
 id TEXT PRIMARY KEY, text_sha256 TEXT NOT NULL, start_byte BIGINT NOT NULL,
 end_byte BIGINT NOT NULL, extractor TEXT NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL,
 verdict TEXT NOT NULL CHECK(verdict IN('confirm','correct','reject')), patch TEXT,
 note TEXT);
CREATE INDEX review_span ON review(text_sha256, start_byte, end_byte);
CREATE TABLE fx(
 ccy TEXT NOT NULL, day TEXT NOT NULL, usd DOUBLE PRECISION NOT NULL, src TEXT NOT NULL,
 PRIMARY KEY(ccy, day));

-- ---- views that reconcile ----
-- They are the definition. What is asked often is kept beside them in the summary tables
-- below, by summary.sql in the commit of each unit; a test compares the two.

-- A figure as it counts now: current, not denied, not in a copy, not rejected. The
-- origin of a figure that belongs to a work is the work's publisher, since outlets name
-- the same study by its author, by its foundation or not at all; else whoever the last
-- hop names. `edition` is the work, else the month; `said` the statement as exact text;
-- `hops` the number of speakers between the page and the origin, itself included.
CREATE VIEW v_claim AS
 SELECT f.*, d.url, t.outlet, COALESCE(t.published_at, d.fetched_at) AS said_at,
  COALESCE(f.as_of_to, t.published_at, d.fetched_at) AS t,
  x.entity_id AS from_id, y.entity_id AS to_id,
  COALESCE(w.publisher_id,
   CASE WHEN f.work_id IS NULL OR o.role = 'origin' THEN o.entity_id END,
   'work:' || f.work_id, 'doc:' || d.id) AS origin_id,
  o.name AS origin, COALESCE(o.hop, 0) AS hops,
  COALESCE(f.work_id, substr(COALESCE(f.as_of_to, t.published_at, d.fetched_at), 1, 7))
   AS edition,
  f.bound || ' ' || COALESCE(f.value_dec, f.low_dec || '..' || f.high_dec, f.vague_dec,
   '') AS said
 FROM figure f
 JOIN document d ON d.id = f.document_id
 JOIN doc_text t ON t.document_id = f.document_id AND t.extractor = f.text_extractor
  AND t.version = f.text_version AND t.is_current = 1
 LEFT JOIN work w ON w.id = f.work_id
 LEFT JOIN figure_role x ON x.figure_id = f.id AND x.role = 'from'
 LEFT JOIN figure_role y ON y.figure_id = f.id AND y.role = 'to'
 LEFT JOIN attribution o ON o.figure_id = f.id
  AND o.hop = (SELECT max(z.hop) FROM attribution z WHERE z.figure_id = f.id)
 WHERE f.is_current = 1 AND (f.hedge IS NULL OR f.hedge <> 'denied')
  AND t.dup_of IS NULL
  AND NOT EXISTS(SELECT 1 FROM review r WHERE r.text_sha256 = t.text_sha256
   AND r.start_byte = f.start_byte AND r.end_byte = f.end_byte
   AND r.extractor = f.extractor AND r.verdict = 'reject'
   AND NOT EXISTS(SELECT 1 FROM review n WHERE n.text_sha256 = r.text_sha256
    AND n.start_byte = r.start_byte AND n.end_byte = r.end_byte
    AND n.extractor = r.extractor AND n.at > r.at));

-- The same statement of one origin, however many documents carry it.
CREATE VIEW v_estimate AS
 SELECT topic_id, from_id, to_id, origin_id, work_id, unit, bound, eff_low, eff_high,
  value, low, high, min(said_at) AS first_said, max(said_at) AS last_said, max(t) AS t,
  count(DISTINCT document_id) AS docs, count(DISTINCT outlet) AS outlets,
  count(DISTINCT lang) AS langs, max(confidence) AS confidence, min(id) AS figure_id
 FROM v_claim
 GROUP BY topic_id, from_id, to_id, origin_id, work_id, unit, bound, eff_low, eff_high,
  value, low, high;

-- The interval that the edges kept by different documents give back, per edition. An
-- edge that a text states is taken before a number printed without one: the highest of
-- the lower edges, the lowest of the upper ones; where no text states an edge, the
-- numbers printed span the interval, and an end that no text gives stays empty. Vague
-- magnitudes give no edge. Figures without topic measure different things and stay out.
-- `unconfirmed` is 1 when every text doubts it, `hops` counts the speakers of the
-- document that stands nearest to the origin.
CREATE VIEW v_merged AS
 SELECT topic_id, from_id, to_id, origin_id, edition, unit,
  COALESCE(max(CASE WHEN bound IN('at_least','more_than','range')
    THEN COALESCE(low, value) END),
   min(CASE WHEN bound = 'exact' THEN value END)) AS m_low,
  COALESCE(min(CASE WHEN bound IN('at_most','less_than','range')
    THEN COALESCE(high, value) END),
   max(CASE WHEN bound = 'exact' THEN value END)) AS m_high,
  count(DISTINCT said) AS variants, count(DISTINCT document_id) AS docs,
  count(DISTINCT outlet) AS outlets, count(DISTINCT lang) AS langs,
  min(CASE WHEN hedge IN('unconfirmed','possible') THEN 1 ELSE 0 END) AS unconfirmed,
  min(hops) AS hops, min(said_at) AS first_said, max(t) AS t
 FROM v_claim WHERE bound <> 'vague' AND topic_id IS NOT NULL
 GROUP BY topic_id, from_id, to_id, origin_id, edition, unit;

CREATE VIEW v_latest AS
 SELECT * FROM (SELECT m.*, row_number() OVER (
   PARTITION BY topic_id, from_id, to_id, origin_id, unit
   ORDER BY t DESC, docs DESC, edition DESC) AS rn FROM v_merged m) q
 WHERE rn = 1;

-- How many independent origins speak of one quantity: outlets that relay are none, and
-- all texts that name no origin are together at most one.
CREATE VIEW v_quantity AS
 SELECT topic_id, from_id, to_id, unit,
  count(CASE WHEN origin_id NOT LIKE 'doc:%' THEN 1 END)
   + max(CASE WHEN origin_id LIKE 'doc:%' THEN 1 ELSE 0 END) AS origins,
  min(m_high) AS least_high, max(m_low) AS greatest_low
 FROM v_latest GROUP BY topic_id, from_id, to_id, unit;

-- Origins that cannot both be right, with a tenth of slack.
CREATE VIEW v_conflict AS
 SELECT a.topic_id, a.from_id, a.to_id, a.unit, a.origin_id AS origin_a,
  b.origin_id AS origin_b, a.m_low AS a_low, a.m_high AS a_high, b.m_low AS b_low,
  b.m_high AS b_high
 FROM v_latest a JOIN v_latest b ON a.topic_id = b.topic_id
  AND a.unit IS NOT DISTINCT FROM b.unit AND a.from_id IS NOT DISTINCT FROM b.from_id
  AND a.to_id IS NOT DISTINCT FROM b.to_id AND a.origin_id < b.origin_id
 WHERE a.m_high * 1.1 < b.m_low OR b.m_high * 1.1 < a.m_low;

-- Statements that bent a work's figure, and how: `edge`, one end of the interval printed
-- as the value; `outside`, a value beyond it; `crossed`, a lower edge above the upper
-- one; `currency`, the numbers of an interval that more documents print in another
-- currency, which m_low and m_high then show with `m_unit`.
CREATE VIEW v_distortion AS
 SELECT e.topic_id, e.from_id, e.to_id, e.work_id, e.unit, e.figure_id, e.bound, e.value,
  e.low, e.high, m.m_low, m.m_high, m.unit AS m_unit, e.docs,
  CASE WHEN m.unit IS DISTINCT FROM e.unit THEN 'currency'
   WHEN m.m_low > m.m_high * 1.05 THEN 'crossed'
   WHEN e.value < m.m_low * 0.95 OR e.value > m.m_high * 1.05 THEN 'outside'
   ELSE 'edge' END AS reason
 FROM v_estimate e JOIN v_merged m ON m.edition = e.work_id AND m.topic_id = e.topic_id
  AND m.origin_id = e.origin_id AND m.from_id IS NOT DISTINCT FROM e.from_id
  AND m.to_id IS NOT DISTINCT FROM e.to_id
 WHERE e.bound <> 'vague'
  AND ((m.unit IS NOT DISTINCT FROM e.unit AND (m.m_low > m.m_high * 1.05
    OR (e.bound = 'exact' AND (e.value < m.m_low * 0.95 OR e.value > m.m_high * 1.05
     OR m.m_low < m.m_high * 0.9))))
   OR (m.unit <> e.unit AND length(m.unit) = 3 AND length(e.unit) = 3
    AND m.docs > (SELECT o.docs FROM v_merged o WHERE o.edition = e.work_id
     AND o.topic_id = e.topic_id AND o.origin_id = e.origin_id AND o.unit = e.unit
     AND o.from_id IS NOT DISTINCT FROM e.from_id
     AND o.to_id IS NOT DISTINCT FROM e.to_id)
    AND COALESCE(e.value, e.high) IN(m.m_low, m.m_high)));

-- What an origin said before. An edition that states only a lower end is compared by it.
CREATE VIEW v_revision AS
 SELECT q.*, m_high - p_high AS d_high,
  COALESCE(100.0 * (m_high - p_high) / NULLIF(p_high, 0),
   100.0 * (m_low - p_low) / NULLIF(p_low, 0)) AS pct
 FROM (SELECT m.*, lag(m_high) OVER w AS p_high, lag(m_low) OVER w AS p_low
  FROM v_merged m WINDOW w AS (
   PARTITION BY topic_id, from_id, to_id, origin_id, unit ORDER BY t, edition)) q
 WHERE p_high IS NOT NULL OR p_low IS NOT NULL;

-- The balance of two flows per origin and edition. An end that the texts do not give
-- leaves the end of the ratio that needs it empty.
CREATE VIEW v_flow_ratio AS
 SELECT a.topic_id AS out_topic, b.topic_id AS back_topic, a.from_id, a.to_id,
  a.origin_id, a.edition, a.unit, a.m_low AS out_low, a.m_high AS out_high,
  b.m_low AS back_low, b.m_high AS back_high,
  a.m_low / NULLIF(b.m_high, 0) AS ratio_low,
  a.m_high / NULLIF(b.m_low, 0) AS ratio_high
 FROM v_merged a
 JOIN topic p ON p.id = a.topic_id
 JOIN v_merged b ON b.topic_id = p.returns AND a.from_id IS NOT DISTINCT FROM b.to_id
  AND a.to_id IS NOT DISTINCT FROM b.from_id AND a.unit IS NOT DISTINCT FROM b.unit
  AND a.origin_id = b.origin_id AND a.edition = b.edition;

-- One flow as one document gives it: its own figures merged as v_merged merges those of
-- many documents.
CREATE VIEW v_side AS
 SELECT document_id, topic_id, unit, work_id, from_id, to_id,
  min(origin_id) AS origin_id, max(url) AS url, max(outlet) AS outlet,
  COALESCE(max(CASE WHEN bound IN('at_least','more_than','range')
    THEN COALESCE(low, value) END),
   min(CASE WHEN bound = 'exact' THEN value END)) AS low,
  COALESCE(min(CASE WHEN bound IN('at_most','less_than','range')
    THEN COALESCE(high, value) END),
   max(CASE WHEN bound = 'exact' THEN value END)) AS high
 FROM v_claim WHERE bound <> 'vague' AND topic_id IS NOT NULL
 GROUP BY document_id, topic_id, unit, work_id, from_id, to_id;

-- The balance of two flows as one document gives both.
CREATE VIEW v_balance AS
 SELECT a.document_id, a.topic_id AS out_topic, b.topic_id AS back_topic, a.unit,
  a.work_id AS out_work, a.from_id AS out_from, a.to_id AS out_to,
  b.work_id AS back_work, b.from_id AS back_from, b.to_id AS back_to,
  a.origin_id, a.outlet, a.url, a.low AS out_low, a.high AS out_high,
  b.low AS back_low, b.high AS back_high
 FROM v_side a
 JOIN topic p ON p.id = a.topic_id
 JOIN v_side b ON b.document_id = a.document_id AND b.topic_id = p.returns
  AND b.unit IS NOT DISTINCT FROM a.unit
  AND (a.work_id IS NULL OR b.work_id IS NULL OR a.work_id = b.work_id)
  AND (a.from_id IS NULL OR b.to_id IS NULL OR a.from_id = b.to_id)
  AND (a.to_id IS NULL OR b.from_id IS NULL OR a.to_id = b.from_id);

-- ---- summaries of the views ----
-- Made by summary.sql alone. '' stands where the views have NULL in a party, a unit or a
-- work, so that a key finds its rows in both engines.

-- v_claim, as far as it has a topic.
CREATE TABLE claim(
 figure_id TEXT NOT NULL, document_id TEXT NOT NULL, topic_id TEXT NOT NULL,
 from_id TEXT NOT NULL, to_id TEXT NOT NULL, unit TEXT NOT NULL, origin_id TEXT NOT NULL,
 edition TEXT NOT NULL, work_id TEXT NOT NULL, bound TEXT NOT NULL,
 value DOUBLE PRECISION, low DOUBLE PRECISION, high DOUBLE PRECISION,
 said TEXT NOT NULL, unconfirmed SMALLINT NOT NULL, hops SMALLINT NOT NULL,
 said_at TEXT NOT NULL, t TEXT NOT NULL, outlet TEXT, lang TEXT,
 PRIMARY KEY(figure_id, from_id, to_id));
CREATE INDEX claim_document ON claim(document_id, topic_id, unit, work_id, from_id,
 to_id);
CREATE INDEX claim_series ON claim(topic_id, from_id, to_id, unit, origin_id, edition);
CREATE INDEX claim_work ON claim(work_id, topic_id);

-- v_merged, with what v_latest (is_latest) and v_revision (p_low, p_high) add.
CREATE TABLE series(
 topic_id TEXT NOT NULL, from_id TEXT NOT NULL, to_id TEXT NOT NULL, unit TEXT NOT NULL,
 origin_id TEXT NOT NULL, edition TEXT NOT NULL, m_low DOUBLE PRECISION,
 m_high DOUBLE PRECISION, variants BIGINT NOT NULL, docs BIGINT NOT NULL,
 outlets BIGINT NOT NULL, langs BIGINT NOT NULL, unconfirmed SMALLINT NOT NULL,
 hops SMALLINT NOT NULL, first_said TEXT NOT NULL, t TEXT NOT NULL,
 is_latest SMALLINT NOT NULL DEFAULT 0, is_revision SMALLINT NOT NULL DEFAULT 0,
 p_low DOUBLE PRECISION, p_high DOUBLE PRECISION,
 PRIMARY KEY(topic_id, from_id, to_id, unit, origin_id, edition));
CREATE INDEX series_time ON series(topic_id, t, origin_id, edition, unit);
CREATE INDEX series_latest ON series(topic_id, t DESC, origin_id, unit)
 WHERE is_latest = 1;
CREATE INDEX series_low ON series(topic_id, from_id, to_id, unit, m_low)
 WHERE is_latest = 1;
CREATE INDEX series_high ON series(topic_id, from_id, to_id, unit, m_high, origin_id)
 WHERE is_latest = 1;
CREATE INDEX series_revision ON series(topic_id, origin_id, unit, t, edition)
 WHERE is_revision = 1;
CREATE INDEX series_echo ON series(outlets DESC, origin_id, topic_id, edition)
 WHERE outlets > 1;

-- v_quantity.
CREATE TABLE quantity(
 topic_id TEXT NOT NULL, from_id TEXT NOT NULL, to_id TEXT NOT NULL, unit TEXT NOT NULL,
 origins BIGINT NOT NULL, least_high DOUBLE PRECISION, greatest_low DOUBLE PRECISION,
 PRIMARY KEY(topic_id, from_id, to_id, unit));

-- v_distortion.
CREATE TABLE distortion(
 topic_id TEXT NOT NULL, work_id TEXT NOT NULL, docs BIGINT NOT NULL,
 figure_id TEXT NOT NULL, from_id TEXT NOT NULL, to_id TEXT NOT NULL, unit TEXT NOT NULL,
 m_unit TEXT NOT NULL, reason TEXT NOT NULL, bound TEXT NOT NULL,
 value DOUBLE PRECISION, low DOUBLE PRECISION, high DOUBLE PRECISION,
 m_low DOUBLE PRECISION, m_high DOUBLE PRECISION,
 PRIMARY KEY(figure_id, from_id, to_id, m_unit));
CREATE INDEX distortion_work ON distortion(topic_id, work_id, docs DESC, figure_id);

-- v_balance.
CREATE TABLE balance(
 document_id TEXT NOT NULL, out_topic TEXT NOT NULL, back_topic TEXT NOT NULL,
 unit TEXT NOT NULL, out_work TEXT NOT NULL, out_from TEXT NOT NULL,
 out_to TEXT NOT NULL, back_work TEXT NOT NULL, back_from TEXT NOT NULL,
 back_to TEXT NOT NULL, origin_id TEXT NOT NULL, who TEXT, url TEXT NOT NULL,
 out_low DOUBLE PRECISION, out_high DOUBLE PRECISION, back_low DOUBLE PRECISION,
 back_high DOUBLE PRECISION,
 PRIMARY KEY(document_id, out_topic, unit, out_work, out_from, out_to, back_work,
  back_from, back_to));
CREATE INDEX balance_order ON balance(out_topic, who, url, unit);

-- What the summaries were made by: the publisher of a work, the topic that another one
-- returns. A change of either makes its documents be read again.
CREATE TABLE summary_basis(
 kind TEXT NOT NULL CHECK(kind IN('work','topic')), id TEXT NOT NULL,
 value TEXT NOT NULL, PRIMARY KEY(kind, id));
-- What a transaction has touched and not yet summarised; empty outside of transactions.
CREATE TABLE summary_document(document_id TEXT PRIMARY KEY);
CREATE TABLE summary_series(
 topic_id TEXT NOT NULL, from_id TEXT NOT NULL, to_id TEXT NOT NULL, unit TEXT NOT NULL,
 origin_id TEXT NOT NULL, edition TEXT NOT NULL, work_id TEXT NOT NULL,
 PRIMARY KEY(topic_id, from_id, to_id, unit, origin_id, edition));
