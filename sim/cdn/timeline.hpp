/// What happens when, counted into buckets of the measured window.
#pragma once

#include "cdn/world.hpp"
#include "firstbyte/results.hpp"

#include <cstdint>
#include <vector>

namespace firstbyte::cdn {

/// The only writer of a replication's TimeSeries. What is earlier than the measured window counts nowhere. The window's
/// last bucket ends with it, so it may be shorter than the others; what is later stands in buckets of their own.
class TimelineRecorder {
public:
    using Series = std::vector<std::uint64_t>;

    TimelineRecorder(const World& world, TimeSeries& out);

    [[nodiscard]] bool enabled() const { return bucket_ != Duration{0}; }
    [[nodiscard]] TimeSeries& series() { return out_; }

    /// Adds `by` to the bucket of an instant.
    void count(Series& series, Instant at, std::uint64_t by = 1) {
        if (enabled() && at >= begin_) at_bucket(series, bucket_of(at)) += by;
    }
    /// A level that held from `since` until `until`: adds level x ns to every bucket in between.
    void hold(Series& series, Instant since, Instant until, std::uint64_t level);

private:
    [[nodiscard]] std::size_t bucket_of(Instant at) const {
        if (at < end_) return static_cast<std::size_t>((at - begin_) / bucket_);
        return in_window_ + static_cast<std::size_t>((at - end_) / bucket_);
    }
    [[nodiscard]] Instant end_of(std::size_t bucket) const;
    static std::uint64_t& at_bucket(Series& series, std::size_t bucket) {
        if (series.size() <= bucket) series.resize(bucket + 1);
        return series[bucket];
    }

    Instant begin_, end_; ///< of the measured window
    Duration bucket_;
    std::size_t in_window_ = 0; ///< buckets, the last of which may be cut
    TimeSeries& out_;
};

} // namespace firstbyte::cdn
