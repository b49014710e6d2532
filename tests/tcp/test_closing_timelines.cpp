// How connections end, and two that open at once, as packet timelines: RFC 9293 section 3.5, 3.6 and 3.10, RFC 5961,
// and what a Linux 6.18 kernel did (facts.md section 6 and 7).
#include "support/timeline.hpp"

#include <doctest/doctest.h>

using namespace firstbyte;
using namespace firstbyte::test;
using namespace std::chrono_literals;

namespace {

Subject with_cookie(Subject subject) {
    subject.fast_open = true;
    subject.cookie = 0xabcd1234;
    return subject;
}

} // namespace

TEST_CASE("half-close: data goes on coming after our FIN, until the peer's (RFC 9293 section 3.6, case 1)") {
    run_timeline(client(), client_handshake() + R"(
       100  call  half_close
       100  >     F. 1:1(0) ack 1
       200  <     .  1:1(0) ack 2
       300  <     .  1:1449(1448) ack 2
       300  >     .  2:2(0) ack 1449
       300  event data 1448
     70000  <     F. 1449:1449(0) ack 2
     70000  >     .  2:2(0) ack 1450
     70000  event peer_closed
     70000  event finished
    130000  event gone
    )");
}

TEST_CASE("close: data that nobody reads any more is answered with RST (RFC 1122 section 4.2.2.13)") {
    run_timeline(client(), client_handshake() + R"(
       100  call  close
       100  >     F. 1:1(0) ack 1
       200  <     .  1:1449(1448) ack 2
       200  >     R  2:2(0)
       200  event finished
       200  event gone
    )");
}

TEST_CASE("close: FIN-WAIT-2 without an application is left after 60 s (Linux tcp_fin_timeout)") {
    run_timeline(client(), client_handshake() + R"(
       100  call  close
       100  >     F. 1:1(0) ack 1
       200  <     .  1:1(0) ack 2
     60200  event finished
     60200  event gone
    )");
}

TEST_CASE("close: with unread data it is a RST (RFC 2525 section 2.17)") {
    run_timeline(client(), client_handshake() + R"(
       150  call  stop_reading
       200  <     P. 1:501(500) ack 1
       200  >     .  1:1(0) ack 501
       300  call  close
       300  >     R. 1:1(0) ack 501
       300  event finished
       300  event gone
    )");
}

TEST_CASE("close: both at once go over CLOSING to TIME-WAIT (RFC 9293 section 3.6, case 3)") {
    run_timeline(client(), client_handshake() + R"(
       100  call  close
       100  >     F. 1:1(0) ack 1
       150  <     F. 1:1(0) ack 1
       150  >     .  2:2(0) ack 2
       150  event peer_closed
       200  <     .  2:2(0) ack 2
       200  event finished
     60200  event gone
    )");
}

TEST_CASE("FIN: data and FIN in one segment are acknowledged together (RFC 9293 section 3.10.7.4, eighth)") {
    run_timeline(client(), client_handshake() + R"(
       100  call  half_close
       100  >     F. 1:1(0) ack 1
       200  <     FP. 1:501(500) ack 2
       200  >     .  2:2(0) ack 502
       200  event data 500
       200  event peer_closed
       200  event finished
     60200  event gone
    )");
}

TEST_CASE("FIN: one beyond a hole counts when the hole is filled (RFC 9293 section 3.10.7.4)") {
    run_timeline(client(), client_handshake() + R"(
       100  call  half_close
       100  >     F. 1:1(0) ack 1
       200  <     .  1:1(0) ack 2
       300  <     F. 1449:1449(0) ack 2
       300  >     .  2:2(0) ack 1 sack 1449:1450
       310  <     .  1:1449(1448) ack 2
       310  >     .  2:2(0) ack 1450
       310  event data 1448
       310  event peer_closed
       310  event finished
     60310  event gone
    )");
}

TEST_CASE("TIME-WAIT: a repeated FIN is acknowledged and starts the wait again (RFC 9293 section 3.10.7.4, eighth)") {
    run_timeline(client(), client_handshake() + R"(
       100  call  close
       100  >     F. 1:1(0) ack 1
       200  <     F. 1:1(0) ack 2
       200  >     .  2:2(0) ack 2
       200  event peer_closed
       200  event finished
     10000  <     F. 1:1(0) ack 2
     10000  >     .  2:2(0) ack 2
     20000  call  abort
     70000  event gone
    )");
}

TEST_CASE("TIME-WAIT: a RST ends it (Linux with tcp_rfc1337 off)") {
    run_timeline(client(), client_handshake() + R"(
       100  call  close
       100  >     F. 1:1(0) ack 1
       200  <     F. 1:1(0) ack 2
       200  >     .  2:2(0) ack 2
       200  event peer_closed
       200  event finished
       300  <     R  2:2(0)
       300  event gone
    )");
}

TEST_CASE("RST: inside the window, but not at its edge, it is questioned (RFC 5961 section 3.2)") {
    run_timeline(client(), client_handshake() + R"(
       200  <     R  100:100(0)
       200  >     .  1:1(0) ack 1
       250  <     R  200:200(0)
      1000  <     R  200:200(0)
      1000  >     .  1:1(0) ack 1
      1100  <     R  1:1(0)
      1100  event reset
      1100  event gone
    )");
}

TEST_CASE("RST: outside the window it is ignored (RFC 5961 section 3.2)") {
    run_timeline(client(), client_handshake() + R"(
       200  <     R  4000000:4000000(0)
       200  <     R  4294967000:4294967000(0)
       300  call  close
       300  >     F. 1:1(0) ack 1
       400  <     R. 1:1(0) ack 2
       400  event reset
       400  event gone
    )");
}

TEST_CASE("SYN on an established connection is questioned (RFC 5961 section 4.2)") {
    run_timeline(client(), client_handshake() + R"(
       200  <     S  1:1(0)
       200  >     .  1:1(0) ack 1
    )");
}

TEST_CASE("ACK of what was never sent is questioned and changes nothing (RFC 9293 section 3.10.7.4, fifth)") {
    run_timeline(client(), client_handshake() + R"(
       100  call  write 400
       100  >     P. 1:401(400) ack 1
       200  <     .  1:1(0) ack 5000
       200  >     .  401:401(0) ack 1
       210  <     .  1:1(0) ack 401
    )");
}

TEST_CASE("SYN-SENT: an ACK at or below the initial number is answered with RST (RFC 9293 section 3.10.7.3, first)") {
    run_timeline(client(), R"(
         0  call  connect
         0  >     S  0:0(0)
        50  <     S. 0:0(0) ack 4294967290
        50  >     R  4294967290:4294967290(0)
       100  <     S. 0:0(0) ack 1
       100  >     .  1:1(0) ack 1
       100  event connected
    )");
}

TEST_CASE("two ends that disagree do not answer one another for ever: two ACKs a second (Linux tcp_oow_rate_limited)") {
    run_timeline(client(), client_handshake() + R"(
       200  <     .  4000000:4000000(0) ack 1
       200  >     .  1:1(0) ack 1
       300  <     .  4000000:4000000(0) ack 1
       699  <     .  4000000:4000000(0) ack 1
       700  <     .  4000000:4000000(0) ack 1
       700  >     .  1:1(0) ack 1
    )");
}

TEST_CASE("simultaneous open: crossing SYNs make one connection (RFC 9293 section 3.5, figure 7)") {
    run_timeline(client(), R"(
         0  call  connect
         0  >     S  0:0(0)
        50  <     S  0:0(0)
        50  >     S. 0:0(0) ack 1
       100  <     S. 0:0(0) ack 1
       100  event connected
       100  call  write 400
       100  >     P. 1:401(400) ack 1
       200  <     .  1:1(0) ack 401
    )");
}

TEST_CASE("packetdrill simultaneous-fast-open: crossing SYNs with data connect, the other's data is not taken") {
    run_timeline(with_cookie(client()), R"(
         0  call  connect 400
         0  >     S  0:400(400)       <fastopen abcd1234>
        50  <     S  0:300(300)       <fastopen 77>
        50  >     S. 0:0(0) ack 1
       100  <     S. 0:0(0) ack 401
       100  event connected
       200  <     P. 1:301(300) ack 401
       200  >     .  401:401(0) ack 301
       200  event data 300
    )");
    // Linux at both ends: neither SYN-ACK takes the other's data, so both are questioned, and that ACK connects.
    run_timeline(with_cookie(client()), R"(
         0  call  connect 400
         0  >     S  0:400(400)       <fastopen abcd1234>
        50  <     S  0:300(300)       <fastopen 77>
        50  >     S. 0:0(0) ack 1
       100  <     S. 0:0(0) ack 1
       100  >     .  401:401(0) ack 1
       150  <     .  301:301(0) ack 1
       150  event connected
       150  >     P. 1:401(400) ack 1
       200  <     P. 1:301(300) ack 1
       200  >     .  401:401(0) ack 301
       200  event data 300
       250  <     .  301:301(0) ack 401
    )");
}

TEST_CASE(
    "packetdrill syn-data-icmp-unreach-frag-needed: a bare SYN at once with a smaller MSS, data after the handshake") {
    run_timeline(with_cookie(client()), R"(
         0  call  connect 1400
         0  >     S  0:1400(1400)     <fastopen abcd1234> mss 1460
        50  call  too_big 1200
        50  >     S  0:0(0)           mss 1160
       150  <     S. 0:0(0) ack 1
       150  event connected
       150  >     .  1:1149(1148) ack 1
       150  >     P. 1149:1401(252) ack 1
       250  <     .  1:1(0) ack 1401
    )");
}

TEST_CASE("packetdrill syn-data-mss: SYN data is limited by the cached MSS less 40 B") {
    Subject subject = with_cookie(client());
    subject.cached_mss = 940;
    run_timeline(subject, R"(
         0  call  connect 1400
         0  >     S  0:900(900)       <fastopen abcd1234>
       100  <     S. 0:0(0) ack 901   mss 940
       100  event connected
       100  >     P. 901:1401(500) ack 1
       200  <     .  1:1(0) ack 1401
    )");
}

TEST_CASE("packetdrill syn-data-rtt: the SYN-ACK gives an RTT, whether it acknowledges SYN or SYN and data") {
    // RTO after one sample of 100 ms: 300 ms; without one it would be 1 s.
    Subject subject = with_cookie(client());
    subject.settings.tail_loss_probe = false;
    run_timeline(subject, R"(
         0  call  connect 400
         0  >     S  0:400(400)       <fastopen abcd1234>
       100  <     S. 0:0(0) ack 401
       100  event connected
       100  >     .  401:401(0) ack 1
       100  call  write 300
       100  >     P. 401:701(300) ack 1
       400  >     P. 401:701(300) ack 1
    )");
    run_timeline(subject, R"(
         0  call  connect 400
         0  >     S  0:400(400)       <fastopen abcd1234>
       100  <     S. 0:0(0) ack 1
       100  event connected
       100  >     P. 1:401(400) ack 1
       400  >     P. 1:401(400) ack 1
    )");
}

TEST_CASE("packetdrill client-ack-dropped-then-recovery: a SACK completes the handshake and starts fast recovery") {
    // The client's first ACK is lost; those of the response's later segments arrive. The window goes from 10 to 7.
    run_timeline(with_cookie(server()), R"(
         0  <       S  0:400(400)       <fastopen abcd1234>
         0  >       S. 0:0(0) ack 401
         0  event   accepted
         0  event   data 400
         0  call    write 5792
         0  >       .  1:1449(1448) ack 401
         0  >       .  1449:2897(1448) ack 401
         0  >       .  2897:4345(1448) ack 401
         0  >       P. 4345:5793(1448) ack 401
       100  <       .  401:401(0) ack 1 sack 1449:5793
       100  >       .  1:1449(1448) ack 401
       100  window  any 7
       200  <       .  401:401(0) ack 5793
       200  window  any 7
    )");
}

TEST_CASE("ABORT sends RST in every synchronized state, nothing in SYN-SENT (RFC 9293 section 3.10.5)") {
    run_timeline(client(), "0 call connect\n0 > S 0:0(0)\n50 call abort\n50 event finished\n50 event gone\n");
    run_timeline(client(), client_handshake() + R"(
       100  call  write 400
       100  >     P. 1:401(400) ack 1
       150  call  abort
       150  >     R. 401:401(0) ack 1
       150  event finished
       150  event gone
    )");
}

TEST_CASE("user timeout: without an answer to its SYN a connection is given up after it (Linux TCP_USER_TIMEOUT)") {
    Subject subject = client();
    subject.settings.user_timeout = 10s;
    run_timeline(subject, R"(
         0  call  connect
         0  >     S  0:0(0)
      1000  >     S  0:0(0)
      2000  >     S  0:0(0)
      3000  >     S  0:0(0)
      4000  >     S  0:0(0)
      5000  >     S  0:0(0)
      7000  >     S  0:0(0)
     10000  event timed_out
     10000  event gone
    )");
}
