// Timers as packet timelines: RFC 6298, Karn, give-up, user timeout, keepalive (RFC 9293 section 3.8.4), zero window
// (section 3.8.6.1). Expectations from the RFCs and from what a Linux 6.18 kernel did (facts.md section 4 and 5).
#include "support/timeline.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace firstbyte;
using namespace firstbyte::test;
using namespace std::chrono_literals;

namespace {

Subject without_probe() {
    Subject subject = client();
    subject.settings.tail_loss_probe = false;
    return subject;
}

Subject keeping_alive(Duration idle, Duration interval, std::uint32_t probes) {
    Subject subject = client();
    subject.settings.keepalive = {idle, interval, probes};
    return subject;
}

const std::string one_request = client_handshake() + "100 call write 400\n100 > P. 1:401(400) ack 1\n";

std::string repeats(std::initializer_list<int> ms) {
    std::string lines;
    for (const int at : ms) lines += fmt::format("{} > P. 1:401(400) ack 1\n", at);
    return lines;
}

} // namespace

TEST_CASE("retransmission: the wait doubles up to 120 s, and 924.6 s after the first one the next timeout gives up "
          "(Linux tcp_retries2 15; RFC 9293 section 3.8.3)") {
    run_timeline(without_probe(), one_request +
                                      repeats({400, 1000, 2200, 4600, 9400, 19'000, 38'200, 76'600, 153'400, 273'400,
                                               393'400, 513'400, 633'400, 753'400, 873'400}) +
                                      "993400 event timed_out\n993400 event gone\n");
}

TEST_CASE("retransmission: tcp_retries2 5 gives up at the sixth timeout (facts.md section 4)") {
    Subject subject = client();
    subject.settings.data_retries = 5;
    run_timeline(subject, one_request + repeats({400, 700, 1300, 2500, 4900, 9700}) +
                              "19300 event timed_out\n19300 event gone\n");
}

TEST_CASE("retransmission: what was repeated gives no RTT without timestamps, and the doubled timeout stays (RFC 6298 "
          "section 3 and 5.5, Karn)") {
    Subject subject = without_probe();
    subject.settings.timestamps = false;
    run_timeline(subject, one_request + R"(
       400  >     P. 1:401(400) ack 1
       500  <     .  1:1(0) ack 401
       600  call  write 400
       600  >     P. 401:801(400) ack 1
      1200  >     P. 401:801(400) ack 1
      1300  <     .  1:1(0) ack 801
    )");
}

TEST_CASE(
    "retransmission: with timestamps it does, and the timeout is fresh (RFC 7323 section 4.1, RFC 6298 section 5.7)") {
    run_timeline(without_probe(), one_request + R"(
       400  >     P. 1:401(400) ack 1
       500  <     .  1:1(0) ack 401
       600  call  write 400
       600  >     P. 401:801(400) ack 1
       900  >     P. 401:801(400) ack 1
    )");
}

TEST_CASE("retransmission: an ACK of new data starts the timer again (RFC 6298 section 5.3)") {
    run_timeline(without_probe(), client_handshake() + R"(
       100  call  write 2896
       100  >     .  1:1449(1448) ack 1
       100  >     P. 1449:2897(1448) ack 1
       200  <     .  1:1(0) ack 1449
       500  >     P. 1449:2897(1448) ack 1
       600  <     .  1:1(0) ack 2897
      5000  call  stop_reading
    )");
}

TEST_CASE("retransmission: RFC 6298's own rule has a floor of 1 s (section 2.4)") {
    Subject subject = without_probe();
    subject.settings.rto_rfc6298 = true;
    run_timeline(subject, one_request + repeats({1100, 3100}) + "3200 < . 1:1(0) ack 401\n");
}

TEST_CASE(
    "user timeout: counts from the first retransmission by timeout (facts.md section 4: 3 s, 3.6 s after the send)") {
    Subject subject = client();
    subject.settings.user_timeout = 3s;
    // Probe at 400, timeout proper at 700; the last wait is what is left of 3 s.
    run_timeline(subject, one_request + repeats({400, 700, 1300, 2500}) + "3700 event user_timeout\n3700 event gone\n");
}

TEST_CASE("keepalive: probes after the idle time, then each interval; as many unanswered end it with RST (facts.md "
          "section 5)") {
    struct Row {
        std::string name;
        Duration idle, interval;
        std::uint32_t probes;
    };
    const Row rows[] = {
        {"3/1/9: dead at 12 s", 3s, 1s, 9},
        {"300/75/9: dead at 975 s", 300s, 75s, 9},
        {"30/15/2", 30s, 15s, 2},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        std::string script = client_handshake();
        Duration at = 100ms + row.idle;
        for (std::uint32_t n = 0; n < row.probes; ++n, at += row.interval)
            script += fmt::format("{} > . 0:0(0) ack 1\n", to_ms(at));
        script += fmt::format("{0} > R. 1:1(0) ack 1\n{0} event keepalive_timeout\n{0} event gone\n", to_ms(at));
        run_timeline(keeping_alive(row.idle, row.interval, row.probes), script);
    }
}

TEST_CASE("keepalive: an answer starts the idle time again (facts.md section 5)") {
    run_timeline(keeping_alive(3s, 1s, 9), client_handshake() + R"(
      3100  >     .  0:0(0) ack 1
      3200  <     .  1:1(0) ack 1
      6200  >     .  0:0(0) ack 1
      6300  <     .  1:1(0) ack 1
      9300  >     .  0:0(0) ack 1
    )");
}

TEST_CASE("keepalive: an answer takes the count back to nothing (facts.md section 5)") {
    run_timeline(keeping_alive(3s, 1s, 3), client_handshake() + R"(
      3100  >     .  0:0(0) ack 1
      4100  >     .  0:0(0) ack 1
      5100  >     .  0:0(0) ack 1
      5200  <     .  1:1(0) ack 1
      8200  >     .  0:0(0) ack 1
      9200  >     .  0:0(0) ack 1
     10200  >     .  0:0(0) ack 1
     11200  >     R. 1:1(0) ack 1
     11200  event keepalive_timeout
     11200  event gone
    )");
}

TEST_CASE(
    "keepalive: a user timeout takes the count's place (facts.md section 5: 3/1/9 and 5 s: two probes, dead at 5 s)") {
    Subject subject = keeping_alive(3s, 1s, 9);
    subject.settings.user_timeout = 5s;
    run_timeline(subject, client_handshake() + R"(
      3100  >     .  0:0(0) ack 1
      4100  >     .  0:0(0) ack 1
      5100  >     R. 1:1(0) ack 1
      5100  event keepalive_timeout
      5100  event gone
    )");
}

TEST_CASE("keepalive: a request that is acknowledged and not answered is probed, and the connection lives (facts.md "
          "section 5)") {
    run_timeline(keeping_alive(3s, 1s, 9), one_request + R"(
       200  <     .  1:1(0) ack 401
      3200  >     .  400:400(0) ack 1
      3300  <     .  1:1(0) ack 401
      6300  >     .  400:400(0) ack 1
      6400  <     .  1:1(0) ack 401
    )");
}

TEST_CASE("keepalive: no probe beside data in flight, whose own timer runs (RFC 1122 section 4.2.3.6; Linux)") {
    run_timeline(keeping_alive(3s, 1s, 9), one_request + repeats({400, 700, 1300, 2500, 4900, 9700}));
}

TEST_CASE("keepalive: a probe that arrives is answered (RFC 9293 section 3.8.4)") {
    run_timeline(client(), client_handshake() + R"(
      5000  <     .  0:0(0) ack 1
      5000  >     .  1:1(0) ack 1
    )");
}

TEST_CASE("zero window: probed after the timeout, with doubling waits, as long as the peer answers (RFC 9293 section "
          "3.8.6.1, RFC 1122 section 4.2.2.17)") {
    run_timeline(client(), client_handshake() + "100 call write 28960\n" + sends("100", 1, 10) + R"(
       200  <     .  1:1(0) ack 14481 win 0
       500  >     .  14480:14480(0) ack 1
       600  <     .  1:1(0) ack 14481 win 0
      1200  >     .  14480:14480(0) ack 1
      1300  <     .  1:1(0) ack 14481 win 0
      2500  >     .  14480:14480(0) ack 1
      2600  <     .  1:1(0) ack 14481 win 0
      3000  <     .  1:1(0) ack 14481 win 64240
    )" + sends("3000", 11, 20, true));
}

TEST_CASE("zero window: a lost window update is found by the probe (RFC 9293 section 3.8.6.1)") {
    run_timeline(client(), client_handshake() + "100 call write 15928\n" + sends("100", 1, 10) + R"(
       200  <     .  1:1(0) ack 14481 win 0
       500  >     .  14480:14480(0) ack 1
       600  <     .  1:1(0) ack 14481 win 64240
    )" + sends("600", 11, 11, true));
}

TEST_CASE("zero window: it closes before the first write; a probe takes what fits when it opens by less than a segment "
          "(RFC 9293 section 3.8.6.2.1)") {
    run_timeline(client(), R"(
         0  call  connect
         0  >     S  0:0(0)
       100  <     S. 0:0(0) ack 1     win 0
       100  >     .  1:1(0) ack 1
       100  event connected
       100  call  write 400
       400  >     .  0:0(0) ack 1
       500  <     .  1:1(0) ack 1     win 300
      1100  >     .  1:301(300) ack 1
    )");
}

TEST_CASE("ack progress: the timer starts again with each ACK of new data and stops when nothing is out") {
    Subject subject = without_probe();
    subject.settings.ack_timeout = 2s;
    run_timeline(subject, client_handshake() + R"(
       100  call  write 2896
       100  >     .  1:1449(1448) ack 1
       100  >     P. 1449:2897(1448) ack 1
       350  <     .  1:1(0) ack 1449
       700  <     .  1:1(0) ack 2897
      9000  call  write 400
      9000  >     P. 2897:3297(400) ack 1
      9100  <     .  1:1(0) ack 3297
     20000  call  stop_reading
    )");
}
