BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE application_versions (
    version_id TEXT NOT NULL PRIMARY KEY,
    version_name TEXT NOT NULL UNIQUE,
    version_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    created_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
, "application_name" TEXT DEFAULT NULL);
CREATE TABLE audit (
	number INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	actor TEXT NOT NULL, 
	what TEXT NOT NULL, 
	reference TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	"before" TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "audit" VALUES(1,1795274524203215,'reporter','asked about','R-UF3LAD','dsl','0000000000000000000000000000000000000000000000000000000000000000','f27e87fbbccea7d1850178bc666fa2e944d111111555700c9beebcb32305d4c0');
INSERT INTO "audit" VALUES(2,1795274524270019,'reporter','raised','R-J46ZTV','dsl','f27e87fbbccea7d1850178bc666fa2e944d111111555700c9beebcb32305d4c0','6fa76b4c88825db71c3702a8b0c12b1e6b0a079eaccc8b3c8bc197a7e4d481c6');
INSERT INTO "audit" VALUES(3,1795274524297975,'reporter','raised','R-QB9P56','dsl','6fa76b4c88825db71c3702a8b0c12b1e6b0a079eaccc8b3c8bc197a7e4d481c6','fdad83aa606b1f7c411b113d3b94469792051614bd65b1e97976dda0e0d00142');
INSERT INTO "audit" VALUES(4,1795274524330729,'reporter','raised','R-NXANY6','dsl','fdad83aa606b1f7c411b113d3b94469792051614bd65b1e97976dda0e0d00142','da6c219cf31bf5051e037dc4647db90aaf836d612ab04c3806a6748812ce021e');
INSERT INTO "audit" VALUES(5,1795274524359132,'chatbot','told','R-QB9P56','a','da6c219cf31bf5051e037dc4647db90aaf836d612ab04c3806a6748812ce021e','0ce4a958b571dea646065498b3e075b367ba460a9131609c8dfdbd9bc342facd');
INSERT INTO "audit" VALUES(6,1795274524457052,'chatbot','delivered','R-QB9P56','chat a','0ce4a958b571dea646065498b3e075b367ba460a9131609c8dfdbd9bc342facd','dda2dc41fe0d92f18f8d6051d39f99876c7802d7b80e1650451da87731bfdb66');
INSERT INTO "audit" VALUES(7,1795274524478177,'chatbot','told','R-NXANY6','a','dda2dc41fe0d92f18f8d6051d39f99876c7802d7b80e1650451da87731bfdb66','014db1d7dc7780e82742aff5471793f00be2285477764844861031dd4070fcad');
INSERT INTO "audit" VALUES(8,1795274524517527,'chatbot','delivered','R-NXANY6','chat a','014db1d7dc7780e82742aff5471793f00be2285477764844861031dd4070fcad','602ba26debd434171a37fbb289bc7e798b62dd17c4b0266fe38b46f62a99e6c0');
INSERT INTO "audit" VALUES(9,1795274524527476,'a','acknowledged','R-NXANY6','','602ba26debd434171a37fbb289bc7e798b62dd17c4b0266fe38b46f62a99e6c0','8ae702dcc5e5430bf9984a47e160f76166872a36d4fc3e8efb8907bba76b0a96');
CREATE TABLE audit_head (
	id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "audit_head" VALUES(1,9,'8ae702dcc5e5430bf9984a47e160f76166872a36d4fc3e8efb8907bba76b0a96');
CREATE TABLE beats (
	executor TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (executor)
);
CREATE TABLE conversations (
	id TEXT NOT NULL, 
	memory TEXT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "conversations" VALUES('c-possible-0','{"intent": null, "slots": [], "asked": null, "pending": "R-UF3LAD", "failures": 0}',1795274524185607);
INSERT INTO "conversations" VALUES('c-raised-1','{"intent": null, "slots": [], "asked": null, "pending": null, "failures": 0}',1795274524268474);
INSERT INTO "conversations" VALUES('c-raised-2','{"intent": null, "slots": [], "asked": null, "pending": null, "failures": 0}',1795274524296546);
INSERT INTO "conversations" VALUES('c-raised-3','{"intent": null, "slots": [], "asked": null, "pending": null, "failures": 0}',1795274524328560);
CREATE TABLE dbos_migrations (version INTEGER NOT NULL PRIMARY KEY);
INSERT INTO "dbos_migrations" VALUES(125);
CREATE TABLE deliveries (
	"key" TEXT NOT NULL, 
	reference TEXT NOT NULL, 
	stage INTEGER NOT NULL, 
	means TEXT NOT NULL, 
	contact TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	state TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	leased_until BIGINT, 
	message TEXT NOT NULL, 
	failure TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	sent_at BIGINT, 
	PRIMARY KEY ("key"), 
	FOREIGN KEY(reference) REFERENCES escalations (reference)
);
INSERT INTO "deliveries" VALUES('R-QB9P56:1:chat:a','R-QB9P56',0,'chat','a','','sent',1,NULL,'m','',1795274524372793,1795274524444560);
INSERT INTO "deliveries" VALUES('R-NXANY6:1:chat:a','R-NXANY6',0,'chat','a','','sent',1,NULL,'m','',1795274524479444,1795274524516044);
CREATE TABLE escalations (
	reference TEXT NOT NULL, 
	turn TEXT NOT NULL, 
	conversation TEXT NOT NULL, 
	school TEXT NOT NULL, 
	route TEXT NOT NULL, 
	state TEXT NOT NULL, 
	emergency BOOLEAN NOT NULL, 
	unconfirmed BOOLEAN NOT NULL, 
	drill BOOLEAN NOT NULL, 
	failing BOOLEAN NOT NULL, 
	reporter TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	stage INTEGER NOT NULL, 
	next_at BIGINT, 
	handed_to TEXT NOT NULL, 
	told TEXT NOT NULL, 
	excluded TEXT NOT NULL, 
	seen_by TEXT NOT NULL, 
	acknowledged_by TEXT NOT NULL, 
	acknowledged_at BIGINT, 
	closed_at BIGINT, 
	outcome BLOB, 
	record BLOB, 
	words BLOB, 
	erased_at BIGINT, 
	revision INTEGER NOT NULL, 
	PRIMARY KEY (reference), 
	UNIQUE (turn)
);
INSERT INTO "escalations" VALUES('R-UF3LAD','possible-0','c-possible-0','fact','dsl','possible',0,0,0,0,'reporter',1795274524185607,0,1795274525203215,'','','[]','','',NULL,NULL,NULL,NULL,X'67414141414142724162636341736D7537633330644C49667977454B3858673756454D77455F633072753564646D4E47565F4678344D39584C34327745624E5246397343587A30687830627374463141332D373843694464764E2D7A684E316C68413D3D',NULL,0);
INSERT INTO "escalations" VALUES('R-J46ZTV','raised-1','c-raised-1','fact','dsl','raised',0,0,0,0,'reporter',1795274524268474,0,1795274524270019,'','','[]','','',NULL,NULL,NULL,NULL,X'67414141414142724162636369584A57484B334255742D4A766375706752714B3667476F784B4C464E54466B69437556623341416635677879657674785336454251516D2D5845585431623643447A743667476634736F5F33784C526231724151513D3D',NULL,0);
INSERT INTO "escalations" VALUES('R-QB9P56','raised-2','c-raised-2','fact','dsl','delivered',0,0,0,0,'reporter',1795274524296546,1,1795274525357358,'','a','[]','','',NULL,NULL,NULL,NULL,X'67414141414142724162636363646F43476C316936665F70585152516D336B4132584E534F426B664262696661677232495A5850777234516A79595537797479326F54687A6C6369695A5F566E6530495334426A375A4A66754E77585730386638673D3D',NULL,2);
INSERT INTO "escalations" VALUES('R-NXANY6','raised-3','c-raised-3','fact','dsl','acknowledged',0,0,0,0,'reporter',1795274524328560,1,1795453200000000,'','a','[]','','a',1795274524526750,NULL,NULL,NULL,X'67414141414142724162636343367276785971364152394A58546E546A33325F647957683941746D53327977344D32785273765F41734D644667584346344341496253697A7233454B6967537077586676594379324A304248354B7865674C786B513D3D',NULL,3);
CREATE TABLE notifications (
    message_uuid TEXT NOT NULL DEFAULT (hex(randomblob(16))) PRIMARY KEY,
    destination_uuid TEXT NOT NULL,
    topic TEXT,
    message TEXT NOT NULL,
    created_at_epoch_ms INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000), "serialization" TEXT DEFAULT NULL, "consumed" BOOLEAN NOT NULL DEFAULT FALSE, consumed_by_function_id INTEGER,
    FOREIGN KEY (destination_uuid) REFERENCES workflow_status(workflow_uuid) 
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE "operation_outputs" (
    workflow_uuid TEXT NOT NULL,
    function_id INTEGER NOT NULL,
    function_name TEXT NOT NULL DEFAULT '',
    output TEXT,
    error TEXT,
    child_workflow_id TEXT,
    started_at_epoch_ms INTEGER,
    completed_at_epoch_ms INTEGER,
    serialization TEXT,
    application_name TEXT DEFAULT NULL,
    retention_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    PRIMARY KEY (workflow_uuid, function_id)
);
CREATE TABLE queues (
    queue_id TEXT PRIMARY KEY DEFAULT (hex(randomblob(16))),
    name TEXT NOT NULL UNIQUE,
    concurrency INTEGER,
    worker_concurrency INTEGER,
    rate_limit_max INTEGER,
    rate_limit_period_sec REAL,
    priority_enabled BOOLEAN NOT NULL DEFAULT FALSE,
    partition_queue BOOLEAN NOT NULL DEFAULT FALSE,
    polling_interval_sec REAL NOT NULL DEFAULT 1.0,
    created_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    updated_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
, "application_name" TEXT DEFAULT NULL, "partition_concurrency" INTEGER DEFAULT NULL, "partition_worker_concurrency" INTEGER DEFAULT NULL, "partition_rate_limit_max" INTEGER DEFAULT NULL, "partition_rate_limit_period_sec" REAL DEFAULT NULL);
CREATE TABLE remarks (
	id INTEGER NOT NULL, 
	reference TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	words BLOB, 
	PRIMARY KEY (id), 
	FOREIGN KEY(reference) REFERENCES escalations (reference)
);
CREATE TABLE streams (
    workflow_uuid TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    "offset" INTEGER NOT NULL, function_id INTEGER NOT NULL DEFAULT 0, "serialization" TEXT DEFAULT NULL,
    PRIMARY KEY (workflow_uuid, key, "offset"),
    FOREIGN KEY (workflow_uuid) REFERENCES workflow_status(workflow_uuid) 
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE workflow_events (
    workflow_uuid TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL, "serialization" TEXT DEFAULT NULL,
    PRIMARY KEY (workflow_uuid, key),
    FOREIGN KEY (workflow_uuid) REFERENCES workflow_status(workflow_uuid) 
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE workflow_events_history (
    workflow_uuid TEXT NOT NULL,
    function_id INTEGER NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL, "serialization" TEXT DEFAULT NULL,
    PRIMARY KEY (workflow_uuid, function_id, key),
    FOREIGN KEY (workflow_uuid) REFERENCES workflow_status(workflow_uuid)
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE workflow_input (
    workflow_uuid TEXT NOT NULL PRIMARY KEY,
    inputs TEXT,
    retention_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
);
INSERT INTO "workflow_input" VALUES('confirm-R-UF3LAD-0','{"namedArgs":{},"positionalArgs":["R-UF3LAD"]}',1795274524000);
INSERT INTO "workflow_input" VALUES('tell-R-J46ZTV-0','{"namedArgs":{},"positionalArgs":["R-J46ZTV",0]}',1795274524000);
INSERT INTO "workflow_input" VALUES('tell-R-QB9P56-0','{"namedArgs":{},"positionalArgs":["R-QB9P56",0]}',1795274524000);
INSERT INTO "workflow_input" VALUES('tell-R-NXANY6-0','{"namedArgs":{},"positionalArgs":["R-NXANY6",0]}',1795274524000);
INSERT INTO "workflow_input" VALUES('tell-R-QB9P56-1','{"namedArgs":{},"positionalArgs":["R-QB9P56",1]}',1795274524000);
INSERT INTO "workflow_input" VALUES('send-R-QB9P56:1:chat:a-0','{"namedArgs":{},"positionalArgs":["R-QB9P56:1:chat:a"]}',1795274524000);
INSERT INTO "workflow_input" VALUES('tell-R-NXANY6-1','{"namedArgs":{},"positionalArgs":["R-NXANY6",1]}',1795274524000);
INSERT INTO "workflow_input" VALUES('send-R-NXANY6:1:chat:a-0','{"namedArgs":{},"positionalArgs":["R-NXANY6:1:chat:a"]}',1795274524000);
INSERT INTO "workflow_input" VALUES('remind-R-NXANY6-3','{"namedArgs":{},"positionalArgs":["R-NXANY6"]}',1795274524000);
INSERT INTO "workflow_input" VALUES('show-R-NXANY6-3','{"namedArgs":{},"positionalArgs":["R-NXANY6"]}',1795274524000);
CREATE TABLE workflow_output (
    workflow_uuid TEXT NOT NULL PRIMARY KEY,
    output TEXT,
    error TEXT,
    retention_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
);
CREATE TABLE workflow_schedules (
    schedule_id TEXT PRIMARY KEY,
    schedule_name TEXT NOT NULL UNIQUE,
    workflow_name TEXT NOT NULL,
    workflow_class_name TEXT,
    schedule TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'ACTIVE',
    context TEXT NOT NULL
, "last_fired_at" TEXT DEFAULT NULL, "automatic_backfill" BOOLEAN NOT NULL DEFAULT FALSE, "cron_timezone" TEXT DEFAULT NULL, "queue_name" TEXT DEFAULT NULL, "application_name" TEXT DEFAULT NULL);
CREATE TABLE workflow_status (
    workflow_uuid TEXT PRIMARY KEY,
    status TEXT,
    name TEXT,
    authenticated_user TEXT,
    assumed_role TEXT,
    authenticated_roles TEXT,
    request TEXT,
    output TEXT,
    error TEXT,
    executor_id TEXT,
    created_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    updated_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    application_version TEXT,
    application_id TEXT,
    class_name TEXT DEFAULT NULL,
    config_name TEXT DEFAULT NULL,
    recovery_attempts INTEGER DEFAULT 0,
    queue_name TEXT,
    workflow_timeout_ms INTEGER,
    workflow_deadline_epoch_ms INTEGER,
    inputs TEXT,
    started_at_epoch_ms INTEGER,
    deduplication_id TEXT,
    priority INTEGER NOT NULL DEFAULT 0
, queue_partition_key TEXT, forked_from TEXT, "owner_xid" TEXT DEFAULT NULL, "parent_workflow_id" TEXT DEFAULT NULL, "serialization" TEXT DEFAULT NULL, "delay_until_epoch_ms" BIGINT DEFAULT NULL, "was_forked_from" BOOLEAN NOT NULL DEFAULT FALSE, "rate_limited" BOOLEAN NOT NULL DEFAULT FALSE, "completed_at" BIGINT, "attributes" TEXT, "schedule_name" TEXT, "debounce_deadline_epoch_ms" BIGINT DEFAULT NULL, "is_debounced" BOOLEAN NOT NULL DEFAULT FALSE, "application_name" TEXT DEFAULT NULL, "creator_xid" TEXT DEFAULT NULL);
INSERT INTO "workflow_status" VALUES('confirm-R-UF3LAD-0','DELAYED','confirm',NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795274524000,1795274524000,'1',NULL,NULL,NULL,0,'escalations',NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,'portable_json',1795274525203,0,0,NULL,'null',NULL,NULL,0,'chatbot','7b4927d3-5845-4ce1-9aea-e698e97b13ec');
INSERT INTO "workflow_status" VALUES('tell-R-J46ZTV-0','PENDING','tell',NULL,NULL,NULL,NULL,NULL,NULL,'dead',1795274524000,1795274524000,'1',NULL,NULL,NULL,0,'escalations',NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'chatbot','3f15c6a8-854a-4fb4-9aff-9697ee94fed7');
INSERT INTO "workflow_status" VALUES('tell-R-QB9P56-0','ENQUEUED','tell',NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795274524000,1795274524000,'1',NULL,NULL,NULL,0,'escalations',NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'chatbot','09c3b61f-ef11-4463-a919-b9f3cfa42663');
INSERT INTO "workflow_status" VALUES('tell-R-NXANY6-0','ENQUEUED','tell',NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795274524000,1795274524000,'1',NULL,NULL,NULL,0,'escalations',NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'chatbot','d7bccc17-7141-4c16-891c-541f3cf84aad');
INSERT INTO "workflow_status" VALUES('tell-R-QB9P56-1','DELAYED','tell',NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795274524000,1795274524000,'1',NULL,NULL,NULL,0,'escalations',NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,'portable_json',1795274525357,0,0,NULL,'null',NULL,NULL,0,'chatbot','43db749a-72ba-4efa-b290-573aeada7a2b');
INSERT INTO "workflow_status" VALUES('send-R-QB9P56:1:chat:a-0','ENQUEUED','send',NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795274524000,1795274524000,'1',NULL,NULL,NULL,0,'escalations',NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'chatbot','c320177b-bbe5-4c63-b3fa-7c87a3b14003');
INSERT INTO "workflow_status" VALUES('tell-R-NXANY6-1','DELAYED','tell',NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795274524000,1795274524000,'1',NULL,NULL,NULL,0,'escalations',NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,'portable_json',1795274525477,0,0,NULL,'null',NULL,NULL,0,'chatbot','8f4eabbf-56ff-4a93-8ec1-ba65b706829b');
INSERT INTO "workflow_status" VALUES('send-R-NXANY6:1:chat:a-0','ENQUEUED','send',NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795274524000,1795274524000,'1',NULL,NULL,NULL,0,'escalations',NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'chatbot','3fb1747c-1b4f-478f-9fc0-7af361543e02');
INSERT INTO "workflow_status" VALUES('remind-R-NXANY6-3','DELAYED','remind',NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795274524000,1795274524000,'1',NULL,NULL,NULL,0,'escalations',NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,'portable_json',1795453200000,0,0,NULL,'null',NULL,NULL,0,'chatbot','ac94f1c2-856b-4511-a249-6f8f65230cf6');
INSERT INTO "workflow_status" VALUES('show-R-NXANY6-3','ENQUEUED','show',NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795274524000,1795274524000,'1',NULL,NULL,NULL,0,'escalations',NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'chatbot','4a5563bb-e102-4a06-abed-df3915029324');
CREATE INDEX workflow_status_created_at_index ON workflow_status (created_at);
CREATE INDEX idx_workflow_topic ON notifications (destination_uuid, topic);
CREATE INDEX "idx_workflow_status_delayed" ON "workflow_status" ("delay_until_epoch_ms") WHERE status = 'DELAYED';
CREATE INDEX "idx_workflow_status_forked_from" ON "workflow_status" ("forked_from") WHERE "forked_from" IS NOT NULL;
CREATE INDEX "idx_workflow_status_parent_workflow_id" ON "workflow_status" ("parent_workflow_id") WHERE "parent_workflow_id" IS NOT NULL;
CREATE UNIQUE INDEX "uq_workflow_status_dedup_id" ON "workflow_status" ("queue_name", "deduplication_id") WHERE "deduplication_id" IS NOT NULL;
CREATE INDEX "idx_workflow_status_pending" ON "workflow_status" ("created_at") WHERE "status" = 'PENDING';
CREATE INDEX "idx_workflow_status_failed" ON "workflow_status" ("status", "created_at") WHERE "status" IN ('ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED');
CREATE INDEX "idx_workflow_status_rate_limited" ON "workflow_status" ("queue_name", "started_at_epoch_ms") WHERE "rate_limited" = TRUE;
CREATE INDEX "idx_workflow_status_completed_at" ON "workflow_status" ("completed_at") WHERE "completed_at" IS NOT NULL;
CREATE INDEX "idx_workflow_status_started_at" ON "workflow_status" ("started_at_epoch_ms") WHERE "started_at_epoch_ms" IS NOT NULL;
CREATE INDEX "idx_workflow_status_schedule_name" ON "workflow_status" ("schedule_name") WHERE "schedule_name" IS NOT NULL;
CREATE UNIQUE INDEX "uq_application_versions_owner_version"
    ON application_versions ("application_name", "version_name")
    WHERE "application_name" IS NOT NULL;
CREATE UNIQUE INDEX "uq_application_versions_unclaimed_version"
    ON application_versions ("version_name")
    WHERE "application_name" IS NULL;
CREATE INDEX idx_workflow_input_retention
    ON workflow_input (retention_timestamp);
CREATE INDEX idx_workflow_output_retention
    ON workflow_output (retention_timestamp);
CREATE INDEX idx_operation_outputs_retention
    ON operation_outputs (retention_timestamp);
CREATE INDEX "idx_workflow_status_in_flight_v2" ON "workflow_status" ("queue_name", "status", "priority", "created_at", "application_name") WHERE "status" IN ('ENQUEUED', 'PENDING');
CREATE INDEX "idx_workflow_status_partition_dequeue_v3" ON "workflow_status" ("queue_name", "status", "queue_partition_key", "priority", "created_at", "workflow_uuid", "application_name") WHERE "status" IN ('ENQUEUED', 'PENDING') AND "queue_partition_key" IS NOT NULL;
CREATE INDEX "idx_operation_outputs_completed_at_function_name_v2" ON "operation_outputs" ("completed_at_epoch_ms", "function_name", "application_name");
CREATE INDEX "idx_workflow_status_deadline" ON "workflow_status" ("workflow_deadline_epoch_ms") WHERE "status" IN ('ENQUEUED', 'PENDING', 'DELAYED') AND "workflow_deadline_epoch_ms" IS NOT NULL;
CREATE INDEX "idx_application_versions_timestamp" ON "application_versions" ("version_timestamp" DESC);
CREATE INDEX "idx_application_versions_owner_timestamp" ON "application_versions" ("application_name", "version_timestamp" DESC);
CREATE INDEX ix_escalations_conversation ON escalations (conversation);
CREATE INDEX ix_escalations_next_at ON escalations (next_at);
CREATE INDEX ix_escalations_school ON escalations (school);
CREATE INDEX ix_escalations_state ON escalations (state);
CREATE INDEX ix_remarks_reference ON remarks (reference);
CREATE INDEX ix_deliveries_reference ON deliveries (reference);
CREATE INDEX ix_audit_reference ON audit (reference);
COMMIT;
