/// A result as an SQLite database.
#include "firstbyte/outputs.hpp"
#include "report/database.hpp"
#include "report/result_rows.hpp"

namespace firstbyte {
namespace {

using namespace report;

constexpr const char* tables = R"(
PRAGMA user_version = 1;
CREATE TABLE run (id TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, scenario TEXT NOT NULL, sha256 TEXT NOT NULL,
    effective TEXT NOT NULL, version TEXT NOT NULL, "commit" TEXT NOT NULL, seed INTEGER NOT NULL,
    replications INTEGER NOT NULL, complete INTEGER NOT NULL) STRICT;
CREATE TABLE variant (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, label TEXT NOT NULL,
    baseline INTEGER NOT NULL, events INTEGER NOT NULL, fingerprint TEXT NOT NULL) STRICT;
CREATE TABLE metric (variant TEXT NOT NULL, name TEXT NOT NULL, labels TEXT NOT NULL, stat TEXT NOT NULL,
    value REAL NOT NULL, unit TEXT NOT NULL, ci_low REAL, ci_high REAL, n INTEGER NOT NULL,
    PRIMARY KEY (variant, name, labels, stat)) STRICT, WITHOUT ROWID;
CREATE TABLE comparison (variant TEXT NOT NULL, metric TEXT NOT NULL, labels TEXT NOT NULL, stat TEXT NOT NULL,
    change REAL NOT NULL, ci_low REAL, ci_high REAL, n INTEGER NOT NULL, verdict TEXT NOT NULL) STRICT;
CREATE TABLE threshold (number INTEGER PRIMARY KEY, expr TEXT NOT NULL, variant TEXT NOT NULL, level TEXT NOT NULL,
    value REAL, "limit" REAL NOT NULL, samples INTEGER NOT NULL, status TEXT NOT NULL, reason TEXT, note TEXT,
    line INTEGER NOT NULL) STRICT;
CREATE TABLE event (number INTEGER PRIMARY KEY, at_ns INTEGER NOT NULL, kind TEXT NOT NULL, origin TEXT, mode TEXT,
    pop TEXT, client TEXT, for_ns INTEGER) STRICT;
CREATE TABLE cause (variant TEXT NOT NULL, code TEXT NOT NULL, cause TEXT NOT NULL, leg TEXT, origin TEXT,
    event INTEGER, generated_by TEXT, requests INTEGER NOT NULL, share REAL NOT NULL) STRICT;
CREATE TABLE request (id INTEGER PRIMARY KEY, variant TEXT NOT NULL, run INTEGER NOT NULL, client TEXT NOT NULL,
    region TEXT NOT NULL, pop TEXT NOT NULL, origin TEXT, object TEXT NOT NULL, code TEXT NOT NULL,
    cause TEXT NOT NULL, session INTEGER NOT NULL, request INTEGER NOT NULL, t_ns INTEGER NOT NULL, ttfb_ns INTEGER,
    total_ns INTEGER, connect_ns INTEGER, rtt_ns INTEGER NOT NULL, flags INTEGER NOT NULL) STRICT;
)";

/// Views over one label each: "ttfb by region" and the like, in milliseconds.
std::string view_of(const std::string& label) {
    return "CREATE VIEW v_ttfb_by_" + label + " AS SELECT variant, json_extract(labels, '$." + label + "') AS " +
           label +
           ", max(n) AS requests,"
           " max(CASE stat WHEN 'p50' THEN value END) / 1e6 AS p50_ms,"
           " max(CASE stat WHEN 'p95' THEN value END) / 1e6 AS p95_ms,"
           " max(CASE stat WHEN 'p99' THEN value END) / 1e6 AS p99_ms,"
           " max(CASE stat WHEN 'mean' THEN value END) / 1e6 AS mean_ms"
           " FROM metric WHERE name = 'ttfb' AND json_extract(labels, '$." +
           label + "') IS NOT NULL GROUP BY variant, labels;\n";
}

void put_text(Database::Statement& statement, const Json& row, const char* key) {
    if (!row.contains(key) || row.at(key).is_null())
        statement.bind_null();
    else
        statement.bind(row.at(key).is_string() ? row.at(key).get<std::string>() : row.at(key).dump());
}

void put_number(Database::Statement& statement, const Json& row, const char* key) {
    const bool there = row.contains(key) && row.at(key).is_number();
    statement.bind_number(there ? std::optional{row.at(key).get<double>()} : std::nullopt);
}

void put_run(Database& database, const Json& result) {
    auto run = database.prepare("INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    const Json &scenario = result.at("scenario"), &generator = result.at("generator"), &seeds = result.at("seeds");
    for (const char* key : {"id", "kind"}) put_text(run, result, key);
    for (const char* key : {"name", "sha256", "effective"}) put_text(run, scenario, key);
    for (const char* key : {"version", "commit"}) put_text(run, generator, key);
    // A seed has 64 bits, SQLite's integers are signed: the upper half shows as negative numbers.
    run.bind(static_cast<std::int64_t>(seeds.at("base").get<std::uint64_t>()));
    put_number(run, seeds, "replications");
    run.bind(std::int64_t{result.value("complete", true)});
    run.run();

    auto variant = database.prepare("INSERT INTO variant VALUES (?, ?, ?, ?, ?, ?)");
    std::int64_t number = 0;
    for (const Json& row : result.at("variants")) {
        variant.bind(number++);
        put_text(variant, row, "name");
        put_text(variant, row, "label");
        variant.bind(std::int64_t{row.value("baseline", false)});
        put_number(variant, row, "events");
        put_text(variant, row, "fingerprint");
        variant.run();
    }
}

void put_numbers(Database& database, const Json& result) {
    auto metric = database.prepare("INSERT INTO metric VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    for (const ResultRow& row : metric_rows(result)) {
        metric.bind(row.variant).bind(row.metric).bind(row.label_object.dump()).bind(row.statistic);
        metric.bind_number(row.value).bind(row.unit).bind_number(row.low).bind_number(row.high);
        metric.bind(static_cast<std::int64_t>(row.samples)).run();
    }
    auto comparison = database.prepare("INSERT INTO comparison VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    for (const Json& row : result.at("comparisons")) {
        for (const char* key : {"variant", "metric", "labels", "stat"}) put_text(comparison, row, key);
        put_number(comparison, row, "change");
        const bool interval = row.at("ci").is_array();
        comparison.bind_number(interval ? std::optional{row.at("ci").at(0).get<double>()} : std::nullopt);
        comparison.bind_number(interval ? std::optional{row.at("ci").at(1).get<double>()} : std::nullopt);
        put_number(comparison, row, "n");
        put_text(comparison, row, "verdict");
        comparison.run();
    }
}

void put_rest(Database& database, const Json& result) {
    auto threshold = database.prepare("INSERT INTO threshold VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    std::int64_t number = 0;
    for (const Json& row : result.at("thresholds")) {
        threshold.bind(number++);
        for (const char* key : {"expr", "variant", "level"}) put_text(threshold, row, key);
        for (const char* key : {"value", "limit", "samples"}) put_number(threshold, row, key);
        for (const char* key : {"status", "reason", "note"}) put_text(threshold, row, key);
        put_number(threshold, row.at("source"), "line");
        threshold.run();
    }
    auto event = database.prepare("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    number = 0;
    for (const Json& row : result.at("events")) {
        event.bind(number++);
        put_number(event, row, "at_ns");
        for (const char* key : {"do", "origin", "mode", "pop", "client"}) put_text(event, row, key);
        put_number(event, row, "for_ns");
        event.run();
    }
    auto cause = database.prepare("INSERT INTO cause VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    for (const Json& row : result.at("causes")) {
        for (const char* key : {"variant", "code", "cause", "leg", "origin"}) put_text(cause, row, key);
        put_number(cause, row, "event");
        put_text(cause, row, "generated_by");
        put_number(cause, row, "count");
        put_number(cause, row, "share");
        cause.run();
    }
}

/// Single requests; the columns of the table are those of the rows, behind the id.
void put_requests(Database& database, const Json& result) {
    if (!result.contains("records")) return;
    auto request =
        database.prepare("INSERT INTO request VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    std::int64_t id = 0;
    for (const Json& row : result.at("records").at("rows")) {
        request.bind(id++);
        for (const Json& value : row) {
            if (value.is_null())
                request.bind_null();
            else if (value.is_string())
                request.bind(value.get<std::string>());
            else
                request.bind(value.get<std::int64_t>());
        }
        request.run();
    }
}

} // namespace

std::string result_sqlite(const std::string& result) {
    const Json document = read_result(result);
    Database database;
    database.execute("BEGIN");
    database.execute(tables);
    for (const char* label : {"client", "country", "pop", "region", "rtt"}) database.execute(view_of(label));
    database.execute("CREATE VIEW v_outcome_by_code AS SELECT variant, json_extract(labels, '$.code') AS code, "
                     "CAST(value AS INTEGER) AS requests FROM metric WHERE name = 'outcome' AND stat = 'count' AND "
                     "json_extract(labels, '$.code') IS NOT NULL");
    put_run(database, document);
    put_numbers(database, document);
    put_rest(database, document);
    put_requests(database, document);
    database.execute("COMMIT");
    return database.bytes();
}

} // namespace firstbyte
