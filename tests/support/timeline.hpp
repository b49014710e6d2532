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
    std::uint16_t cached_mss = 0; ///< client: of the server, from the connection that brought the cookie; 0: none

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
///     TIME  >       SEGMENT   the subject sends exactly this at TIME
///     TIME  <       SEGMENT   this arrives
///     TIME  call    connect [BYTES] | write BYTES | half_close | close | abort | stop_reading | read | too_big MTU
///     TIME  event   connected | accepted | data BYTES | peer_closed | refused | reset | timed_out | ack_timeout |
///                   keepalive_timeout | user_timeout | blackhole_suspected | finished | gone
///     TIME  window  CWND [SSTHRESH]   the congestion window now, in segments; CWND may be `any`, SSTHRESH `never`
///
/// SEGMENT is FLAGS SEQ:END(LENGTH) and then any of
///     ack N   sack A:B[,C:D...]   <fastopen [COOKIE]>   win BYTES   mss BYTES
/// and for what arrives also
///     echo TIME (timestamp echoed; unless named, that of the segment sent last)   noecho   nosack
///
/// FLAGS: S F R P and . for ACK. Times in ms; steps in order; segments and notices that no step names are failures, and
/// so are SACK blocks. Window and MSS of what is sent are compared where a line names them. What arrives has, unless
/// named, a window of 64,240 B and an MSS of 1460 B.
void run_timeline(const Subject& subject, const std::string& script);

/// Handshake of a client, 100 ms long; ends at 100.
[[nodiscard]] std::string client_handshake();
/// Handshake of a server, 100 ms long; ends at 100.
[[nodiscard]] std::string server_handshake();
/// Lines in which the subject sends full segments number `first` to `last` at `ms`: the n-th is the one behind
/// (n - 1) x 1448 bytes. `pushed`: the last ends the written data.
[[nodiscard]] std::string sends(const std::string& ms, unsigned first, unsigned last, bool pushed = false);
/// First byte's number of the n-th full segment.
[[nodiscard]] constexpr unsigned begin_of(unsigned n) { return 1 + (n - 1) * 1448; }
/// Lines in which ACKs without news but SACK arrive: one for each of the segments `first` to `last`, which continue one
/// block.
[[nodiscard]] std::string sacks(const std::string& ms, unsigned first, unsigned last);

} // namespace firstbyte::test
