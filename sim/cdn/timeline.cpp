#include "cdn/timeline.hpp"

#include <algorithm>

namespace firstbyte::cdn {

TimelineRecorder::TimelineRecorder(const World& world, TimeSeries& out)
    : begin_(Instant{world.warmup}), end_(world.end()), bucket_(world.bucket), out_(out) {
    if (enabled()) in_window_ = static_cast<std::size_t>((end_ - begin_ + bucket_ - Duration{1}) / bucket_);
    out_.pop_requests.resize(world.pops.size());
    out_.origin_busy.resize(world.origins.size());
    out_.origin_queue.resize(world.origins.size());
}

Instant TimelineRecorder::end_of(std::size_t bucket) const {
    if (bucket < in_window_) return std::min(begin_ + bucket_ * static_cast<std::int64_t>(bucket + 1), end_);
    return end_ + bucket_ * static_cast<std::int64_t>(bucket - in_window_ + 1);
}

void TimelineRecorder::hold(Series& series, Instant since, Instant until, std::uint64_t level) {
    since = std::max(since, begin_);
    if (!enabled() || level == 0 || until <= since) return;
    at_bucket(series, bucket_of(until - Duration{1})); // all of them at once
    while (since < until) {
        const std::size_t bucket = bucket_of(since);
        const Instant end = std::min(end_of(bucket), until);
        series[bucket] += level * static_cast<std::uint64_t>((end - since).count());
        since = end;
    }
}

} // namespace firstbyte::cdn
