CREATE TABLE IF NOT EXISTS "audit" (
    "id" BIGINT NOT NULL PRIMARY KEY,
    "at" BIGINT NOT NULL,
    "who" VARCHAR(320) NOT NULL,
    "action" VARCHAR(32) NOT NULL,
    "subject" VARCHAR(64) NOT NULL,
    "detail" TEXT NOT NULL,
    "hash" VARCHAR(64) NOT NULL
);
CREATE TABLE IF NOT EXISTS "erasure" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "subject" VARCHAR(64) NOT NULL,
    "asked_at" BIGINT NOT NULL,
    "asked_by" VARCHAR(320) NOT NULL,
    "state" VARCHAR(12) NOT NULL,
    "sealed" TEXT NOT NULL,
    "counts" JSON NOT NULL,
    "finished_at" BIGINT NOT NULL,
    "receipt" TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS "erasure_step" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "erasure_id" BIGINT NOT NULL,
    "system" VARCHAR(100) NOT NULL,
    "state" VARCHAR(12) NOT NULL,
    "attempts" INT NOT NULL,
    "next_at" BIGINT NOT NULL,
    "note" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    CONSTRAINT "uid_erasure_ste_erasure_999038" UNIQUE ("erasure_id", "system")
);
CREATE TABLE IF NOT EXISTS "job_run" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "job" VARCHAR(32) NOT NULL,
    "slot" VARCHAR(32) NOT NULL,
    "started_at" BIGINT NOT NULL,
    "finished_at" BIGINT NOT NULL,
    "counts" JSON NOT NULL,
    CONSTRAINT "uid_job_run_job_d2769e" UNIQUE ("job", "slot")
);
CREATE TABLE IF NOT EXISTS "plugin_person_state" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "plugin" VARCHAR(100) NOT NULL,
    "key" VARCHAR(200) NOT NULL,
    "node_id" BIGINT NOT NULL,
    "value" JSON NOT NULL,
    CONSTRAINT "uid_plugin_pers_plugin_8da1eb" UNIQUE ("plugin", "key", "node_id")
);
CREATE TABLE IF NOT EXISTS "suppression" (
    "hash" VARCHAR(64) NOT NULL PRIMARY KEY,
    "kind" VARCHAR(32) NOT NULL,
    "at" BIGINT NOT NULL,
    "erasure_id" BIGINT NOT NULL,
    "lifted_at" BIGINT NOT NULL,
    "lifted_by" VARCHAR(100) NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_audit_at_50be99" ON "audit" ("at");
CREATE INDEX IF NOT EXISTS "idx_erasure_subject_86a11e" ON "erasure" ("subject");
CREATE INDEX IF NOT EXISTS "erasure_step_due" ON "erasure_step" ("state", "next_at");
CREATE INDEX IF NOT EXISTS "idx_plugin_pers_node_id_37eae8" ON "plugin_person_state" ("node_id");
CREATE INDEX IF NOT EXISTS "idx_suppression_erasure_47640f" ON "suppression" ("erasure_id");
