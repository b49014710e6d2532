/// Sweeps: many points of one scenario in one store, a file that survives being killed.
#pragma once

#include "firstbyte/outputs.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace firstbyte {

/// One cell of a sweep: what is set, and for which variant of the file.
struct SweepPoint {
    std::size_t number = 0; ///< place in the whole grid, whatever part of it is run
    std::string id;         ///< hash of the effective scenario without its variants and axes
    std::string variant;
    std::vector<std::pair<std::string, std::string>> settings; ///< path, value as it was written
};

/// What a sweep is to do. Two sweeps with the same plan have stores with the same content.
struct SweepPlan {
    std::string scenario, sha256; ///< name, and hash of the file
    std::uint64_t seed = 1;
    int replications = 1;
    std::vector<SweepPoint> points;
    [[nodiscard]] std::string hash() const; ///< of all of it and of this program's version
};

/// "min p95(ttfb)": by what the points are ranked.
struct SweepObjective {
    bool least = true;
    std::string statistic, metric;                           ///< "p95", "ttfb"; statistic may be rate: per request
    std::vector<std::pair<std::string, std::string>> labels; ///< at most one, as results keep marginals
    std::string text;                                        ///< "p95(ttfb)"
};
/// @throws std::runtime_error  with a sentence on what is wrong
[[nodiscard]] SweepObjective parse_objective(const std::string& text);

/// The points that are finished, in SQLite. Each is committed in a transaction of its own, so that a process that is
/// killed loses only what it was working at.
class SweepStore {
public:
    enum class Mode : std::uint8_t {
        Replace, ///< begin anew
        Resume,  ///< keep what is there; a file that does not exist is begun
        Read     ///< must exist and be complete or not
    };
    /// In memory, for sweeps that nobody stores.
    explicit SweepStore(const SweepPlan& plan);
    /// @throws std::runtime_error  when the file cannot be used, or holds another sweep
    SweepStore(const std::string& file, const SweepPlan& plan, Mode mode);
    /// Opens a store to read it.
    /// @throws std::runtime_error  when it is no store of a sweep
    explicit SweepStore(const std::string& file);
    ~SweepStore();
    SweepStore(SweepStore&&) noexcept;
    SweepStore& operator=(SweepStore&&) noexcept;

    /// Adds a finished point. One caller at a time.
    /// @param result  its result.json
    void add(const SweepPoint& point, const std::string& result);
    [[nodiscard]] std::vector<std::size_t> finished() const; ///< numbers of the points, ascending
    [[nodiscard]] std::size_t planned() const;
    [[nodiscard]] std::vector<ThresholdNote> threshold_notes() const; ///< those that failed or warned, by point
    [[nodiscard]] bool threshold_failed() const;                      ///< an error-level one, at any point

    /// Every table with its rows in the order of their keys: equal for equal contents, however the rows came there.
    [[nodiscard]] std::string dump() const;
    /// @param objective  ranks, and marks the best point
    [[nodiscard]] std::string text(const std::optional<SweepObjective>& objective) const;
    [[nodiscard]] std::string markdown(const std::optional<SweepObjective>& objective) const;
    [[nodiscard]] std::string json(const std::optional<SweepObjective>& objective) const;
    /// One page: the best point, a heat map or curves, every point as a table.
    [[nodiscard]] std::string html(const std::optional<SweepObjective>& objective) const;
    [[nodiscard]] std::string csv() const; ///< point, variant, settings and every statistic in long form
    /// JUnit XML: a test case for each threshold of each point.
    [[nodiscard]] std::string junit(const std::string& file) const;

    /// Joins shards.
    /// @param files  stores of one plan; points that several have are the same anyway
    /// @throws std::runtime_error  when they are of different sweeps, scenarios or versions
    static void merge(const std::vector<std::string>& files, const std::string& into);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Id of a point.
/// @param effective_json  of the loaded scenario
[[nodiscard]] std::string sweep_point_id(const std::string& effective_json);

} // namespace firstbyte
