// The minimal example and its closed form: TLS 1.3 takes 3 RTT + 1 ms, a cookie saves one RTT, a miss adds 32 ms.
#include "firstbyte/scenario.hpp"
#include "firstbyte/simulate.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <sstream>

using namespace firstbyte;

namespace {

Results run_minimal(const char* fast_open) {
    const std::string path = FIRSTBYTE_SOURCE_DIR "/scenarios/tfo-minimal.fb.json";
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return simulate(build_world(load_scenario(text.str(), path, {{"tcp.client_edge.fast_open", fast_open}})), {});
}

Histogram ttfb_of(const Results& results) {
    Histogram all;
    for (const ReplicationResults& replication : results.replications)
        for (const RequestResults& requests : replication.requests) all.merge(requests.ttfb);
    return all;
}

} // namespace

TEST_CASE("minimal example: quantiles, cookie share and mean change are those of the closed form") {
    const Results off = run_minimal("false"), on = run_minimal("true");
    const Histogram ttfb_off = ttfb_of(off), ttfb_on = ttfb_of(on);
    CHECK(ttfb_off.quantile(0.50) == 241'000'000);
    CHECK(ttfb_off.quantile(0.95) == 273'000'000);
    CHECK(ttfb_off.quantile(0.99) == 273'000'000);
    CHECK(ttfb_off.max() == 297'000'000); // the first misses open the pool: 24 ms more
    CHECK(ttfb_on.quantile(0.50) == 161'000'000);
    CHECK(ttfb_on.quantile(0.95) == 241'000'000);
    CHECK(ttfb_on.quantile(0.99) == 273'000'000);

    // Expected cookie share 1 - n (1 - e^(-N/n)) / N with N = 1200 sessions of n = 200 clients: 83.37 %.
    std::uint64_t connections = 0, with_cookie = 0, accepted = 0;
    for (const ReplicationResults& replication : on.replications) {
        connections += replication.connections[0].opened;
        with_cookie += replication.connections[0].with_cookie;
        accepted += replication.connections[0].syn_data_accepted;
    }
    const double share = static_cast<double>(with_cookie) / static_cast<double>(connections);
    CHECK(std::abs(share - 0.8337) < 0.005);
    CHECK(accepted == with_cookie);
    CHECK(connections == ttfb_on.count());
    CHECK(ttfb_off.count() == ttfb_on.count());
    CHECK(std::abs((ttfb_on.mean() - ttfb_off.mean()) / 1e6 - -66.64) < 0.5);
}
