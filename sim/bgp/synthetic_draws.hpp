/// Random numbers of the generator, one after the other within each step of it.
#pragma once

#include "core/random.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace firstbyte::bgp {

/// Steps of the generator, each with numbers of its own.
enum class Step : std::uint32_t { Homes, Providers, PeerTargets, PeerMatching, Users, Kinds };

class StepDraws {
public:
    StepDraws(const Draws& draws, Step step) : draws_(draws), step_(static_cast<std::uint32_t>(step)) {}

    [[nodiscard]] double uniform() { return draws_.uniform(Stream::SyntheticInternet, step_, next_++); }
    [[nodiscard]] std::size_t below(std::size_t bound) {
        return draws_.below(bound, Stream::SyntheticInternet, step_, next_++);
    }
    [[nodiscard]] bool happens(double probability) { return uniform() < probability; }

    template <class T>
    [[nodiscard]] const T& one_of(const std::vector<T>& items) {
        return items[below(items.size())];
    }

    template <class T>
    void shuffle(std::vector<T>& items) {
        for (std::size_t left = items.size(); left > 1; --left) std::swap(items[left - 1], items[below(left)]);
    }

private:
    Draws draws_;
    std::uint32_t step_;
    std::uint64_t next_ = 0;
};

/// A Pareto distribution cut off at `most`: survival falls as x^-tail from `least` on.
struct CutPareto {
    double tail = 1, least = 1, most = 1;

    [[nodiscard]] double value(double u) const { // by inverse transform
        const double end = std::pow(least / most, tail);
        return least * std::pow(1 - u * (1 - end), -1 / tail);
    }
};

/// Where a cumulative list of weights passes the share `u` of its sum.
[[nodiscard]] inline std::size_t pick(const std::vector<double>& cumulative, double u) {
    const auto at = std::upper_bound(cumulative.begin(), cumulative.end(), u * cumulative.back());
    return std::min(static_cast<std::size_t>(at - cumulative.begin()), cumulative.size() - 1);
}

} // namespace firstbyte::bgp
