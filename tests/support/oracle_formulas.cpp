#include "support/oracle_formulas.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace firstbyte::formulas {

int slow_start_rounds(double segments, double initial_window) {
    int rounds = 0;
    for (double sent = 0, window = initial_window; sent < segments; window *= 2, ++rounds) sent += window;
    return rounds;
}

double stalled_transfer_s(double rtt_s, double rate_bps, double segments, double mss, double window,
                          double setup_rtts) {
    const double each_s = mss * 8 / rate_bps;
    double total = (setup_rtts + 1) * rtt_s + segments * each_s;
    for (int round = 1; round < slow_start_rounds(segments, window); ++round)
        total += std::max(0.0, each_s + rtt_s - window * std::exp2(round - 1) * each_s);
    return total;
}

double ladder_s(double rto_s, double most_s, int n) {
    double at = 0;
    for (int wait = 0; wait <= n; ++wait) at += std::min(rto_s * std::exp2(wait), most_s);
    return at;
}

double rto_s(const std::vector<double>& samples_s, double least_s) {
    double smoothed = samples_s.at(0), deviation = smoothed / 2;
    for (std::size_t n = 1; n < samples_s.size(); ++n) {
        deviation = 0.75 * deviation + 0.25 * std::abs(smoothed - samples_s[n]);
        smoothed = 0.875 * smoothed + 0.125 * samples_s[n];
    }
    return std::max(least_s, smoothed + 4 * deviation);
}

double handshake_s(double rtt_s, double rto_s, double exchange_loss, int n) {
    double weight = 0, sum = 0;
    for (int k = 0; k < n; ++k) {
        const double answered_at_k = std::pow(exchange_loss, k) * (1 - exchange_loss);
        weight += answered_at_k;
        sum += answered_at_k * (rtt_s + rto_s * (std::exp2(k) - 1));
    }
    return sum / weight;
}

double erlang_b(int servers, double offered) {
    double blocked = 1;
    for (int n = 1; n <= servers; ++n) blocked = offered * blocked / (n + offered * blocked);
    return blocked;
}

double erlang_c(int servers, double offered) {
    const double blocked = erlang_b(servers, offered), rho = offered / servers;
    return blocked / (1 - rho * (1 - blocked));
}

double mg1_wait_s(double per_s, double mean_s, double squared_variation) {
    return per_s * mean_s * mean_s * (1 + squared_variation) / (2 * (1 - per_s * mean_s));
}

double mm1k_refused(double rho, int capacity) {
    double all = 0; // states 0 ... capacity, weights rho^n
    for (int n = 0; n <= capacity; ++n) all += std::pow(rho, n);
    return std::pow(rho, capacity) / all;
}

std::vector<double> zipf(int objects, double alpha) {
    std::vector<double> popularity;
    double all = 0;
    for (int rank = 1; rank <= objects; ++rank) all += popularity.emplace_back(std::pow(rank, -alpha));
    for (double& p : popularity) p /= all;
    return popularity;
}

double cache_hits(const std::vector<double>& popularity, double capacity, bool lru) {
    const auto held = [lru](double p, double t) { return lru ? 1 - std::exp(-p * t) : p * t / (1 + p * t); };
    double low = 0, high = 1e12;
    for (int step = 0; step < 200; ++step) {
        const double middle = (low + high) / 2;
        double objects = 0;
        for (const double p : popularity) objects += held(p, middle);
        (objects < capacity ? low : high) = middle;
    }
    double hits = 0;
    for (const double p : popularity) hits += p * held(p, low);
    return hits;
}

double ttl_hits(const std::vector<double>& popularity, double per_s, double ttl_s, bool renewed) {
    double hits = 0;
    for (const double p : popularity) {
        const double expected = per_s * p * ttl_s;
        hits += p * (renewed ? 1 - std::exp(-expected) : expected / (1 + expected));
    }
    return hits;
}

namespace {

/// Chance that a count of busy servers that is k now (M/M/inf) stays at most k for so long: the chain stopped above k,
/// uniformised.
double stays_at_most(int k, double per_s, double hold_s, double for_s) {
    const double rate = per_s + k / hold_s, steps = rate * for_s;
    std::vector<double> at(static_cast<std::size_t>(k) + 1);
    at.back() = 1;
    double sum = 0, log_weight = -steps;
    for (int n = 0; n < steps + 12 * std::sqrt(steps) + 30; ++n) {
        double alive = 0;
        for (const double p : at) alive += p;
        sum += std::exp(log_weight) * alive;
        log_weight += std::log(steps / (n + 1));
        std::vector<double> next(at.size());
        for (std::size_t busy = 0; busy < at.size(); ++busy) {
            const double up = per_s / rate, down = static_cast<double>(busy) / hold_s / rate;
            if (busy + 1 < at.size()) next[busy + 1] += at[busy] * up;
            if (busy > 0) next[busy - 1] += at[busy] * down;
            next[busy] += at[busy] * (1 - up - down);
        }
        at = next;
    }
    return sum;
}

} // namespace

double most_recent_pool_new(double per_s, double hold_s, double idle_s) {
    const double offered = per_s * hold_s;
    double chance = std::exp(-offered), sum = 0;
    for (int k = 0; k < offered + 10 * std::sqrt(offered) + 20; ++k) {
        sum += chance * stays_at_most(k, per_s, hold_s, idle_s);
        chance *= offered / (k + 1);
    }
    return sum;
}

double mathis(double mss, double rtt_s, double loss, double b) { return mss / rtt_s * std::sqrt(1.5 / (b * loss)); }

double padhye(double mss, double rtt_s, double loss, double b, double t0_s) {
    const double recovery = rtt_s * std::sqrt(2 * b * loss / 3);
    const double timeouts = t0_s * std::min(1.0, 3 * std::sqrt(3 * b * loss / 8)) * loss * (1 + 32 * loss * loss);
    return mss / (recovery + timeouts);
}

double slow_start_segments(double segments, double loss) {
    double delivered = 0; // the n-th is, and all before it: (1 - p)^n
    for (int n = 1; n <= segments; ++n) delivered += std::pow(1 - loss, n);
    return delivered + 1;
}

double fibre_rtt_ms(double lat1, double lon1, double lat2, double lon2, double index) {
    constexpr double earth_km = 6371.0088, light_km_per_ms = 299.792458, degree = std::numbers::pi / 180;
    const auto point = [](double lat, double lon) {
        return std::vector<double>{std::cos(lat * degree) * std::cos(lon * degree),
                                   std::cos(lat * degree) * std::sin(lon * degree), std::sin(lat * degree)};
    };
    const std::vector<double> a = point(lat1, lon1), b = point(lat2, lon2);
    const double chord = std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
    return 2 * 2 * std::asin(chord / 2) * earth_km * index / light_km_per_ms;
}

} // namespace firstbyte::formulas
