/// Log-linear histogram over nanoseconds: exact to add, small, and right to 0.05 %.
#pragma once

#include "firstbyte/units.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace firstbyte {

/// Counts of values rounded to four significant decimal digits ("log-linear-3": relative error at most 0.0005).
///
/// Adding two histograms is exact and order-free: merged results do not depend on how the work was split. Values up
/// to 9,999 are exact, so is every value with at most four significant digits (241 ms stays 241 ms).
/// Negative values are not allowed; values beyond 10^18 ns are counted in the last bin.
class Histogram {
public:
    /// Counts one value. Allocates only when the number of different bins outgrows the table.
    void add(std::int64_t value) { add(value, 1); }
    void add(std::int64_t value, std::uint64_t times);
    void add(Duration value) { add(value.count()); }

    /// Adds every count of `other`.
    void merge(const Histogram& other);

    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] std::int64_t min() const { return min_; } ///< exact; 0 when empty
    [[nodiscard]] std::int64_t max() const { return max_; } ///< exact; 0 when empty
    [[nodiscard]] double mean() const;                      ///< from the exact sum; 0 when empty

    /// Smallest recorded bin value v such that at least ceil(q * count) values are <= v (nearest rank); 0 when empty.
    /// @param q  0 < q <= 1
    [[nodiscard]] std::int64_t quantile(double q) const;

    /// Share of values <= `limit`, by bins.
    [[nodiscard]] double share_at_most(std::int64_t limit) const;

    /// Non-empty bins in ascending order: (value, count).
    [[nodiscard]] std::vector<std::pair<std::int64_t, std::uint64_t>> bins() const;

private:
    /// A bin that was met: its place in the order of all bins, and how many values it holds (0: an empty place).
    struct Bin {
        std::uint32_t bin = 0;
        std::uint64_t count = 0;
    };

    void add_to_bin(std::uint32_t bin, std::uint64_t times);
    void grow();

    // A run keeps thousands of histograms, most of them with few bins: an open-addressing table holds only those met.
    // Its order depends on the order of arrival and never leaves this class.
    std::vector<Bin> table_; ///< size 0 or a power of two
    std::size_t bins_used_ = 0;
    std::uint64_t count_ = 0;
    std::uint64_t sum_high_ = 0, sum_low_ = 0; ///< 128 bits: adding stays exact
    std::int64_t min_ = 0, max_ = 0;
};

} // namespace firstbyte
