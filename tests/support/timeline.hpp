/// Packet timelines for one connection: what must be sent and when, what arrives, and that nothing else happens.
#pragma once

#include "tcp/connection.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace firstbyte::test {

/// A connection under test and what it starts with.
struct Subject {
    tcp::Settings settings = default_settings();
    bool server = false;
    std::optional<std::uint64_t> cookie; ///< client: held; server: the right one
    bool fast_open = false;

    static tcp::Settings default_settings() {
        tcp::Settings settings;
        settings.syn_waits = tcp::syn_schedule(std::chrono::seconds{1}, 6, 4);
        return settings;
    }
};
[[nodiscard]] Subject client();
[[nodiscard]] Subject server();

/// Runs `script` and reports a difference as a doctest failure, after the steps that passed.
///
///     TIME  >      FLAGS  SEQ:END(LENGTH) [ack N] [<fastopen [COOKIE]>]   the subject sends exactly this at TIME
///     TIME  <      FLAGS  SEQ:END(LENGTH) [ack N] [<fastopen [COOKIE]>]   this arrives
///     TIME  call   connect [BYTES] | write BYTES | close | abort | stop_reading
///     TIME  event  connected | accepted | data BYTES | peer_closed | refused | reset | timed_out | ack_timeout | finished | gone
///
/// FLAGS: S F R P and . for ACK. Times in ms; steps in order; segments and notices that no step names are failures.
void run_timeline(const Subject& subject, const std::string& script);

} // namespace firstbyte::test
