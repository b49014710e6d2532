// Workers of an origin, and the time that the edge gives it.
#include "oracle_experiments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace firstbyte::validate {
namespace {

/// Until a queue forgets its empty start, in s: 20 / (mu (1 - rho)^2), the families' words on validity.
double settled_s(double mu_per_s, double utilisation) {
    const double gap = std::max(1 - utilisation, 0.02);
    return std::ceil(20 / (mu_per_s * gap * gap));
}

/// Waits of one busy period depend on one another, so near saturation a case's least number of samples leaves more
/// chance than its tolerance allows. In M/M/1 the standard error of a mean of n waits is
/// sqrt((2 + 5 rho - 4 rho^2 + rho^3) / rho) / ((1 - rho) sqrt(n)) of it (Daley 1968; Whitt 1989), 2 / ((1 - rho)
/// sqrt(n)) near saturation; services of less variance leave less. As many more are taken as make a tenth more than
/// that a quarter of the tolerance.
std::uint64_t waits_of(const OracleCase& given, const Running& running, double utilisation) {
    constexpr double error = 2.2, share_of_tolerance = 0.25, most = 2e7;
    const double needed =
        std::pow(error / ((1 - utilisation) * share_of_tolerance * std::max(given.relative_tolerance, 1e-3)), 2);
    return std::max(samples_of(given, running), static_cast<std::uint64_t>(running.scale * std::min(needed, most)));
}

/// What an origin with workers keeps of its queue.
OriginResults queue(const Running& running, std::uint64_t samples, double per_s, const std::string& service,
                    std::uint64_t workers, double utilisation, const std::string& more = "") {
    const double warmup = settled_s(per_s / (utilisation * static_cast<double>(workers)), utilisation);
    return all_origins(run_sum(origin_world(per_s, warmup, window_s(samples, per_s), service,
                                            fmt::format(R"(, "workers": {}{})", workers, more), ""),
                               running, times_for(samples, per_s)));
}

Observed mm1(const OracleCase& given, const Running& running) {
    const double per_s = number(given, "lambda_per_s"), mu = number(given, "mu_per_s");
    // Waiting and service; the way takes no time.
    return mean_s(
        queue(running, waits_of(given, running, per_s / mu), per_s, exponential_text(1 / mu), 1, per_s / mu).ttfb);
}

Observed mmc(const OracleCase& given, const Running& running) {
    const double per_s = number(given, "lambda_per_s"), mu = number(given, "mu_per_s");
    const std::uint64_t servers = whole(given, "servers");
    const double utilisation = per_s / mu / static_cast<double>(servers);
    const Histogram waits =
        queue(running, waits_of(given, running, utilisation), per_s, exponential_text(1 / mu), servers, utilisation)
            .wait;
    if (given.unit == "probability") return {1 - waits.share_at_most(0), waits.count()};
    return mean_s(waits);
}

Observed md1(const OracleCase& given, const Running& running) {
    const double per_s = number(given, "lambda_per_s"), mu = number(given, "mu_per_s");
    return mean_s(queue(running, waits_of(given, running, per_s / mu), per_s, time_text(1 / mu), 1, per_s / mu).wait);
}

Observed mg1_lognormal(const OracleCase& given, const Running& running) {
    const double per_s = number(given, "lambda_per_s"), mean = number(given, "mean_service_s"),
                 sigma = number(given, "sigma");
    const std::string service = fmt::format(R"({{"dist": "lognormal", "median": {}, "sigma": {}}})",
                                            time_text(mean * std::exp(-sigma * sigma / 2)), sigma);
    // The longest services decide the mean, and they are rare.
    constexpr double heavy = 1.5;
    const std::uint64_t samples = waits_of(given, running, per_s * mean) * (sigma > heavy ? 4 : 1);
    return mean_s(queue(running, samples, per_s, service, 1, per_s * mean).wait);
}

/// The capacity counts the request in service; what finds no room gets 503 and does not come again.
Observed mm1k(const OracleCase& given, const Running& running) {
    constexpr double mu = 100, settles_like = 0.8; // a short queue settles however much is offered
    const double rho = number(given, "rho");
    const OriginResults got =
        queue(running, samples_of(given, running), rho * mu, exponential_text(1 / mu), 1, std::min(rho, settles_like),
              fmt::format(R"(, "queue": {})", whole(given, "capacity") - 1));
    return share(got.rejected, got.rejected + got.executions);
}

/// Requests that the read timer cuts off. A worker goes on with what was given up.
Observed p524(const OracleCase& given, const Running& running) {
    const std::string kind = word(given, "dist", "exponential lognormal mm1_response");
    const std::uint64_t samples = samples_of(given, running);
    std::string service, origin;
    double per_s = 1000, warmup = 0;
    if (kind == "exponential") {
        service = exponential_text(number(given, "mean_s"));
    } else if (kind == "lognormal") {
        service = fmt::format(R"({{"dist": "lognormal", "median": {}, "sigma": {}}})",
                              time_text(number(given, "median_s")), number(given, "sigma"));
    } else {
        const double mu = number(given, "mu_per_s");
        per_s = number(given, "lambda_per_s");
        service = exponential_text(1 / mu);
        origin = R"(, "workers": 1)";
        warmup = settled_s(mu, per_s / mu);
    }
    const std::string edge = fmt::format(R"(, "timeouts": {{"read": {}}}, "origin_pool": {{"max_idle": 1000000}})",
                                         time_text(number(given, "limit_s")));
    const RequestResults all =
        all_requests(run_sum(origin_world(per_s, warmup, window_s(samples, per_s), service, origin, edge), running,
                             times_for(samples, per_s)));
    return share(count_of(all, Cause::ReadTimeout), ended(all));
}

} // namespace

Experiments queue_experiments() {
    return {{"mm1", mm1, "lambda_per_s mu_per_s"},
            {"mmc", mmc, "lambda_per_s mu_per_s servers"},
            {"md1", md1, "lambda_per_s mu_per_s"},
            {"mg1_lognormal", mg1_lognormal, "lambda_per_s mean_service_s sigma"},
            {"mm1k", mm1k, "rho capacity"},
            {"p524", p524, "dist mean_s median_s sigma lambda_per_s mu_per_s limit_s"}};
}

} // namespace firstbyte::validate
