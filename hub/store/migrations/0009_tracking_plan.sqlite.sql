CREATE TABLE IF NOT EXISTS "plan_fault" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "source_id" INT NOT NULL,
    "scope" VARCHAR(8) NOT NULL,
    "name" VARCHAR(128) NOT NULL,
    "path" VARCHAR(200) NOT NULL,
    "rule" VARCHAR(40) NOT NULL,
    "n" BIGINT NOT NULL,
    "seen_at" BIGINT NOT NULL,
    CONSTRAINT "uid_plan_fault_source__338bd0" UNIQUE ("source_id", "scope", "name", "path", "rule")
);
CREATE TABLE IF NOT EXISTS "tracking_plan" (
    "source_id" INTEGER NOT NULL PRIMARY KEY,
    "text" TEXT NOT NULL,
    "author" VARCHAR(320) NOT NULL,
    "at" BIGINT NOT NULL
);
