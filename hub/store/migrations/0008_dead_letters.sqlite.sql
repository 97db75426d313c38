CREATE TABLE IF NOT EXISTS "dead_letter" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "source_id" INT NOT NULL,
    "at" BIGINT NOT NULL,
    "field" VARCHAR(64) NOT NULL,
    "topic" VARCHAR(120) NOT NULL,
    "reason" VARCHAR(200) NOT NULL,
    "kind" VARCHAR(12) NOT NULL,
    "device" VARCHAR(64) NOT NULL,
    "sent_at" VARCHAR(40) NOT NULL,
    "events" INT NOT NULL,
    "size" INT NOT NULL,
    "cut" INT NOT NULL,
    "body" TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_dead_letter_at_21557d" ON "dead_letter" ("at");
CREATE INDEX IF NOT EXISTS "dead_letter_place" ON "dead_letter" ("source_id", "field", "id");
