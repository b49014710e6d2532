#include "report/sweep_store.hpp"
#include "core/sha256.hpp"
#include "core/version.hpp"
#include "firstbyte/outputs.hpp"
#include "firstbyte/sweep.hpp"
#include "report/database.hpp"
#include "report/result_rows.hpp"

#include <array>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <unistd.h>

#include <fmt/format.h>

namespace firstbyte {
namespace {

using namespace report;

constexpr int format = 1;

constexpr const char* schema = R"(
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE point (number INTEGER PRIMARY KEY, id TEXT NOT NULL, variant TEXT NOT NULL, settings TEXT NOT NULL,
    events INTEGER NOT NULL, fingerprint TEXT NOT NULL) STRICT;
CREATE TABLE metric (point INTEGER NOT NULL, name TEXT NOT NULL, labels TEXT NOT NULL, stat TEXT NOT NULL,
    value REAL NOT NULL, unit TEXT NOT NULL, ci_low REAL, ci_high REAL, n INTEGER NOT NULL,
    PRIMARY KEY (point, name, labels, stat)) STRICT, WITHOUT ROWID;
CREATE TABLE threshold (point INTEGER NOT NULL, number INTEGER NOT NULL, expr TEXT NOT NULL, level TEXT NOT NULL,
    value REAL, "limit" REAL NOT NULL, samples INTEGER NOT NULL, status TEXT NOT NULL, sentence TEXT NOT NULL,
    line INTEGER NOT NULL, PRIMARY KEY (point, number)) STRICT, WITHOUT ROWID;
CREATE VIEW v_ttfb AS SELECT point.number AS point, point.variant, point.settings,
    max(CASE stat WHEN 'p50' THEN value END) / 1e6 AS p50_ms, max(CASE stat WHEN 'p95' THEN value END) / 1e6 AS p95_ms,
    max(CASE stat WHEN 'p99' THEN value END) / 1e6 AS p99_ms, max(n) AS requests
    FROM point JOIN metric ON metric.point = point.number
    WHERE name = 'ttfb' AND labels = '{}' GROUP BY point.number;
)";

/// Tables with their rows in the order of their keys.
constexpr std::array<std::pair<const char*, const char*>, 4> tables{
    {{"meta", "key"}, {"point", "number"}, {"metric", "point, name, labels, stat"}, {"threshold", "point, number"}}};

std::string settings_json(const SweepPoint& point) {
    Json settings = Json::object();
    for (const auto& [path, value] : point.settings) settings[path] = value;
    return settings.dump();
}

std::string meta(Database& database, const char* key) {
    auto query = database.prepare("SELECT value FROM meta WHERE key = ?");
    query.bind(key);
    return query.next() ? query.text(0) : "";
}

/// True where a transaction of the creation has been committed.
bool is_begun(Database& database) {
    auto query = database.prepare("SELECT count(*) FROM sqlite_master WHERE name = 'meta'");
    return query.next() && query.integer(0) == 1;
}

void begin(Database& database, const SweepPlan& plan) {
    database.execute("BEGIN IMMEDIATE");
    database.execute(fmt::format("PRAGMA user_version = {}", format));
    database.execute(schema);
    const std::pair<const char*, std::string> values[] = {{"kind", "sweep"},
                                                          {"plan", plan.hash()},
                                                          {"points", std::to_string(plan.points.size())},
                                                          {"replications", std::to_string(plan.replications)},
                                                          {"scenario", plan.scenario},
                                                          {"seed", std::to_string(plan.seed)},
                                                          {"sha256", plan.sha256},
                                                          {"version", version}};
    auto insert = database.prepare("INSERT INTO meta VALUES (?, ?)");
    for (const auto& [key, value] : values) insert.bind(key).bind(value).run();
    database.execute("COMMIT");
}

void require_store(Database& database) {
    if (!is_begun(database) || meta(database, "kind") != "sweep")
        throw std::runtime_error(database.name() + " is no store of a sweep");
}

void require_plan(Database& database, const std::string& plan) {
    require_store(database);
    if (meta(database, "plan") == plan) return;
    throw std::runtime_error(
        fmt::format("{} holds another sweep (of scenario \"{}\", {} points, seed {}, {} replications, version {}): its "
                    "numbers do not belong to these; choose another file, or leave out --resume to begin anew",
                    database.name(), meta(database, "scenario"), meta(database, "points"), meta(database, "seed"),
                    meta(database, "replications"), meta(database, "version")));
}

void put_metrics(Database& database, std::int64_t number, const Json& result) {
    auto metric = database.prepare("INSERT OR REPLACE INTO metric VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    for (const ResultRow& row : metric_rows(result)) {
        metric.bind(number).bind(row.metric).bind(row.label_object.dump()).bind(row.statistic);
        metric.bind_number(row.value).bind(row.unit).bind_number(row.low).bind_number(row.high);
        metric.bind(static_cast<std::int64_t>(row.samples)).run();
    }
}

void put_thresholds(Database& database, std::int64_t number, const Json& result) {
    auto threshold = database.prepare("INSERT OR REPLACE INTO threshold VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    const auto number_of = [](const Json& value) {
        return value.is_number() ? std::optional{value.get<double>()} : std::nullopt;
    };
    std::int64_t index = 0;
    for (const Json& row : result.at("thresholds")) {
        Json alone{{"thresholds", Json::array({row})}};
        threshold.bind(number).bind(index++);
        threshold.bind(row.at("expr").get<std::string>()).bind(row.at("level").get<std::string>());
        threshold.bind_number(number_of(row.at("value"))).bind_number(number_of(row.at("limit")));
        threshold.bind(row.at("samples").get<std::int64_t>()).bind(row.at("status").get<std::string>());
        threshold.bind(sentence_of(threshold_words(alone).front()));
        threshold.bind(row.at("source").at("line").get<std::int64_t>()).run();
    }
}

} // namespace

std::string sweep_point_id(const std::string& effective_json) {
    Json effective = Json::parse(effective_json);
    for (const char* key : {"sweep", "variants", "baseline"}) effective.erase(key);
    constexpr std::size_t digits = 16; // 64 bits: no two of a million points meet
    return sha256_hex(effective.dump()).substr(0, digits);
}

std::string SweepPlan::hash() const {
    std::string text = fmt::format("{}\n{}\n{}\n{}\n{}\n", scenario, sha256, seed, replications, version);
    for (const SweepPoint& point : points)
        text += fmt::format("{} {} {} {}\n", point.number, point.id, point.variant, settings_json(point));
    return sha256_hex(text);
}

SweepStore::SweepStore(const SweepPlan& plan) : impl_(std::make_unique<Impl>()) {
    impl_->database = Database{};
    begin(impl_->database, plan);
}

SweepStore::SweepStore(const std::string& file, const SweepPlan& plan, Mode mode) : impl_(std::make_unique<Impl>()) {
    if (mode == Mode::Replace) {
        std::error_code ignored;
        std::filesystem::remove(file, ignored);
        std::filesystem::remove(file + "-journal", ignored);
    }
    impl_->database = Database{file, mode != Mode::Read};
    // A sweep that was killed while it made its file has left one without tables: it is begun again.
    if (mode != Mode::Read && !is_begun(impl_->database)) begin(impl_->database, plan);
    require_plan(impl_->database, plan.hash());
}

SweepStore::SweepStore(const std::string& file) : impl_(std::make_unique<Impl>()) {
    impl_->database = Database{file, false};
    require_store(impl_->database);
}

SweepStore::~SweepStore() = default;
SweepStore::SweepStore(SweepStore&&) noexcept = default;
SweepStore& SweepStore::operator=(SweepStore&&) noexcept = default;

void SweepStore::add(const SweepPoint& point, const std::string& result) {
    Database& database = impl_->database;
    const Json document = read_result(result);
    const Json& variant = document.at("variants").at(0);
    const auto number = static_cast<std::int64_t>(point.number);
    database.execute("BEGIN IMMEDIATE");
    auto insert = database.prepare("INSERT OR REPLACE INTO point VALUES (?, ?, ?, ?, ?, ?)");
    insert.bind(number).bind(point.id).bind(point.variant).bind(settings_json(point));
    insert.bind(variant.at("events").get<std::int64_t>()).bind(variant.at("fingerprint").get<std::string>()).run();
    put_metrics(database, number, document);
    put_thresholds(database, number, document);
    database.execute("COMMIT");
}

std::vector<std::size_t> SweepStore::finished() const {
    std::vector<std::size_t> numbers;
    auto query = impl_->database.prepare("SELECT number FROM point ORDER BY number");
    while (query.next()) numbers.push_back(static_cast<std::size_t>(query.integer(0)));
    return numbers;
}

std::size_t SweepStore::planned() const { return std::stoul(meta(impl_->database, "points")); }

bool SweepStore::threshold_failed() const {
    auto query = impl_->database.prepare("SELECT count(*) FROM threshold WHERE status = 'failed'");
    return query.next() && query.integer(0) > 0;
}

std::vector<ThresholdNote> SweepStore::threshold_notes() const {
    std::vector<ThresholdNote> notes;
    auto query = impl_->database.prepare(
        "SELECT expr, sentence, variant, line, status, point.number, settings FROM threshold JOIN point ON "
        "threshold.point = point.number WHERE status IN ('failed', 'warned') ORDER BY status, point.number, "
        "threshold.number");
    constexpr int status = 4, number = 5, settings = 6;
    while (query.next())
        notes.push_back({query.text(0),
                         fmt::format("{} at point {} {}", query.text(1), query.integer(number), query.text(settings)),
                         query.text(2), static_cast<int>(query.integer(3)), query.text(status) == "failed"});
    return notes;
}

std::string SweepStore::dump() const {
    std::string out;
    for (const auto& [table, key] : tables) {
        auto columns = impl_->database.prepare(fmt::format("SELECT count(*) FROM pragma_table_info('{}')", table));
        const int count = columns.next() ? static_cast<int>(columns.integer(0)) : 0;
        out += fmt::format("-- {}\n", table);
        auto query = impl_->database.prepare(fmt::format("SELECT * FROM {} ORDER BY {}", table, key));
        while (query.next()) {
            for (int i = 0; i < count; ++i) out += (i == 0 ? "" : "|") + (query.is_null(i) ? "null" : query.text(i));
            out += "\n";
        }
    }
    return out;
}

void SweepStore::merge(const std::vector<std::string>& files, const std::string& into) {
    const std::string temporary = fmt::format("{}.{}.tmp", into, ::getpid());
    std::error_code ignored;
    try {
        std::filesystem::remove(temporary, ignored);
        Database target{temporary, true};
        std::string plan;
        for (const std::string& file : files) {
            Database source{file, false};
            require_store(source);
            const std::string other = meta(source, "plan");
            if (!plan.empty() && other != plan)
                throw std::runtime_error(fmt::format("{} and {} are no shards of one sweep: scenario, axes, seed, "
                                                     "replications and version must be the same",
                                                     files.front(), file));
            auto attach = target.prepare("ATTACH ? AS source");
            attach.bind(file).run();
            target.execute("BEGIN IMMEDIATE");
            if (plan.empty()) {
                target.execute(fmt::format("PRAGMA user_version = {}", format));
                target.execute(schema);
            }
            plan = other;
            for (const auto& entry : tables)
                target.execute(fmt::format("INSERT OR REPLACE INTO main.{0} SELECT * FROM source.{0}", entry.first));
            target.execute("COMMIT");
            target.execute("DETACH source");
        }
    } catch (...) {
        std::filesystem::remove(temporary, ignored);
        throw;
    }
    std::filesystem::rename(temporary, into);
}

} // namespace firstbyte
