/// A scenario's text run through the public interface, for tests that ask what comes out.
#pragma once

#include "firstbyte/scenario.hpp"
#include "firstbyte/simulate.hpp"

#include <doctest/doctest.h>

#include <string>

namespace firstbyte::test {

/// Loads, builds and runs `text` with traces on.
[[nodiscard]] inline Results run_scenario(const std::string& text, const std::vector<Override>& overrides = {}) {
    SimulateOptions options;
    options.trace.enabled = true;
    return simulate(build_world(load_scenario(text, "test.fb.json", overrides)), options);
}

/// All replications together, for the only client group and object.
[[nodiscard]] inline RequestResults all_requests(const Results& results) {
    RequestResults all;
    for (const ReplicationResults& replication : results.replications)
        for (const RequestResults& requests : replication.requests) all.merge(requests);
    return all;
}

/// Time of an event of a traced connection since the connection's start, in ms.
[[nodiscard]] inline double event_ms(const TraceConnection& trace, const std::string& name) {
    for (const auto& [what, at] : trace.events)
        if (what == name) return to_ms(at - trace.start);
    FAIL("the trace has no event " << name);
    return 0;
}

} // namespace firstbyte::test
