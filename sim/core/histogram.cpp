#include "firstbyte/histogram.hpp"

#include "core/check.hpp"
#include "core/mix.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

namespace firstbyte {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::int64_t exact_end = 10'000;                    ///< values below are their own bin
constexpr std::uint32_t bins_per_decade = 9'000;              ///< 1000 ... 9999 in units of the decade
constexpr std::int64_t value_max = 1'000'000'000'000'000'000; ///< value of the last bin

constexpr std::array<std::int64_t, 16> powers_of_ten = [] {
    std::array<std::int64_t, 16> powers{};
    std::int64_t power = 1;
    for (std::int64_t& entry : powers) entry = std::exchange(power, power * 10);
    return powers;
}();

/// Decade of a value of at least 10,000: the number of its decimal digits beyond four.
std::size_t decade_of(std::uint64_t value) {
    // 1233 / 4096 is log10(2) to five digits, so that this is floor(log10(value)) or one more (Warren, Hacker's
    // Delight, section 11-4).
    const std::size_t decade = (static_cast<std::size_t>(std::bit_width(value)) * 1233 >> 12) - 3;
    return decade - (static_cast<std::uint64_t>(powers_of_ten[decade]) * 1'000 > value ? 1 : 0);
}

/// Bins in ascending order of their values: 0 ... 9999, then 9,000 for each decade.
std::uint32_t bin_of(std::int64_t value) {
    if (value < exact_end) return static_cast<std::uint32_t>(value);
    const auto capped = static_cast<std::uint64_t>(std::min(value, value_max));
    const std::size_t decade = decade_of(capped);
    const auto unit = static_cast<std::uint64_t>(powers_of_ten[decade]);
    // 10,000 after rounding up is the first bin of the next decade, without a case of its own.
    const std::uint64_t rounded = (capped + unit / 2) / unit;
    return static_cast<std::uint32_t>(exact_end + (decade - 1) * bins_per_decade + (rounded - 1'000));
}

std::int64_t value_of(std::uint32_t bin) {
    if (bin < exact_end) return bin;
    const std::uint32_t place = bin - static_cast<std::uint32_t>(exact_end);
    return (place % bins_per_decade + 1'000) * powers_of_ten[place / bins_per_decade + 1];
}

} // namespace

void Histogram::add(std::int64_t value, std::uint64_t times) {
    FB_ASSERT(value >= 0, "a histogram counts values that are not negative");
    if (times == 0) return;
    min_ = count_ == 0 ? value : std::min(min_, value);
    max_ = std::max(max_, value);
    count_ += times;
    const Wide sum = (Wide{sum_high_} << 64 | sum_low_) + Wide{static_cast<std::uint64_t>(value)} * times;
    sum_high_ = static_cast<std::uint64_t>(sum >> 64);
    sum_low_ = static_cast<std::uint64_t>(sum);
    add_to_bin(bin_of(value), times);
}

void Histogram::add_to_bin(std::uint32_t bin, std::uint64_t times) {
    // At most half full: a look-up then takes 1.5 probes on average (Knuth, volume 3, section 6.4).
    if (2 * bins_used_ >= table_.size()) grow();
    const std::size_t mask = table_.size() - 1;
    std::size_t place = mix64(bin) & mask;
    while (table_[place].count != 0 && table_[place].bin != bin) place = (place + 1) & mask;
    if (table_[place].count == 0) ++bins_used_;
    table_[place].bin = bin;
    table_[place].count += times;
}

void Histogram::grow() {
    const std::vector<Bin> old = std::exchange(table_, std::vector<Bin>(table_.empty() ? 16 : 2 * table_.size()));
    bins_used_ = 0;
    for (const Bin& bin : old) {
        if (bin.count != 0) add_to_bin(bin.bin, bin.count);
    }
}

void Histogram::merge(const Histogram& other) {
    if (other.empty()) return;
    if (this == &other) return merge(Histogram(other)); // the table must not grow under the loop below
    min_ = empty() ? other.min_ : std::min(min_, other.min_);
    max_ = std::max(max_, other.max_);
    count_ += other.count_;
    const Wide sum = (Wide{sum_high_} << 64 | sum_low_) + (Wide{other.sum_high_} << 64 | other.sum_low_);
    sum_high_ = static_cast<std::uint64_t>(sum >> 64);
    sum_low_ = static_cast<std::uint64_t>(sum);
    for (const Bin& bin : other.table_) {
        if (bin.count != 0) add_to_bin(bin.bin, bin.count);
    }
}

double Histogram::mean() const {
    if (empty()) return 0;
    return static_cast<double>(Wide{sum_high_} << 64 | sum_low_) / static_cast<double>(count_);
}

std::int64_t Histogram::quantile(double q) const {
    FB_ASSERT(q > 0 && q <= 1, "a quantile is asked for above 0 and up to 1");
    if (empty()) return 0;
    // A q such as 0.07 is not exact, and 0.07 * 100 is a little more than 7: four units in the last place are forgiven,
    // so that the rank is the one that the decimal number means.
    const double exact_rank = q * static_cast<double>(count_);
    const double rank = std::max(1.0, std::ceil(exact_rank * (1 - 4 * std::numeric_limits<double>::epsilon())));
    std::uint64_t seen = 0;
    const auto ascending = bins();
    for (const auto& [value, count] : ascending) {
        seen += count;
        if (static_cast<double>(seen) >= rank) return value;
    }
    return ascending.back().first;
}

double Histogram::share_at_most(std::int64_t limit) const {
    if (empty()) return 0;
    std::uint64_t within = 0;
    for (const Bin& bin : table_) {
        if (bin.count != 0 && value_of(bin.bin) <= limit) within += bin.count;
    }
    return static_cast<double>(within) / static_cast<double>(count_);
}

std::vector<std::pair<std::int64_t, std::uint64_t>> Histogram::bins() const {
    std::vector<std::pair<std::int64_t, std::uint64_t>> ascending;
    ascending.reserve(bins_used_);
    for (const Bin& bin : table_) {
        if (bin.count != 0) ascending.emplace_back(value_of(bin.bin), bin.count);
    }
    std::sort(ascending.begin(), ascending.end());
    return ascending;
}

} // namespace firstbyte
