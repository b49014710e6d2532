// Packet timelines of one connection. ">" must be sent at that time, "<" arrives; nothing else may happen.
// The expectations come from RFC 9293, 7413, 6298, 5681 and from what a Linux 6.18 kernel did.
#include "support/timeline.hpp"

#include <doctest/doctest.h>

using namespace firstbyte;
using namespace firstbyte::test;
using namespace std::chrono_literals;

namespace {

Subject with_cookie(Subject subject, std::uint64_t cookie) {
    subject.fast_open = true;
    subject.cookie = cookie;
    return subject;
}

Subject asking(Subject subject) {
    subject.fast_open = true;
    return subject;
}

} // namespace

TEST_CASE("handshake: SYN, SYN-ACK, ACK, then data (RFC 9293 section 3.5)") {
    run_timeline(client(), R"(
         0  call  connect
         0  >     S  0:0(0)
       100  <     S. 0:0(0) ack 1
       100  >     .  1:1(0) ack 1
       100  event connected
       100  call  write 400
       100  >     P. 1:401(400) ack 1
       200  <     .  1:1(0) ack 401
       200  <     P. 1:501(500) ack 401
       200  >     .  401:401(0) ack 501
       200  event data 500
       200  call  close
       200  >     F. 401:401(0) ack 501
       300  <     F. 501:501(0) ack 402
       300  >     .  402:402(0) ack 502
       300  event peer_closed
       300  event finished
     60300  event gone
    )");
}

TEST_CASE("handshake: a lost SYN is repeated at 1 2 3 4 5 7 11 19 35 67 s and given up at 131 s (Linux 6.18)") {
    run_timeline(client(), R"(
         0  call  connect
         0  >     S  0:0(0)
      1000  >     S  0:0(0)
      2000  >     S  0:0(0)
      3000  >     S  0:0(0)
      4000  >     S  0:0(0)
      5000  >     S  0:0(0)
      7000  >     S  0:0(0)
     11000  >     S  0:0(0)
     19000  >     S  0:0(0)
     35000  >     S  0:0(0)
     67000  >     S  0:0(0)
    131000  event timed_out
    131000  event gone
    )");
}

TEST_CASE("handshake: without linear timeouts the schedule is 1 3 7 15 31 63 s, given up at 127 s (Linux before 6.5)") {
    Subject classic = client();
    classic.settings.syn_waits = tcp::syn_schedule(1s, 6, 0);
    run_timeline(classic, R"(
         0  call  connect
         0  >     S  0:0(0)
      1000  >     S  0:0(0)
      3000  >     S  0:0(0)
      7000  >     S  0:0(0)
     15000  >     S  0:0(0)
     31000  >     S  0:0(0)
     63000  >     S  0:0(0)
    127000  event timed_out
    127000  event gone
    )");
}

TEST_CASE("handshake: RST in answer to the SYN refuses the connection (RFC 9293 section 3.10.7.3, second)") {
    run_timeline(client(), R"(
         0  call  connect
         0  >     S  0:0(0)
       100  <     R. 0:0(0) ack 1
       100  event refused
       100  event gone
    )");
}

TEST_CASE(
    "handshake: a SYN-ACK goes out at 0 1 3 7 15 31 s and the half-open connection is given up at 63 s (Linux 6.18)") {
    run_timeline(server(), R"(
         0  <     S  0:0(0)
         0  >     S. 0:0(0) ack 1
      1000  >     S. 0:0(0) ack 1
      3000  >     S. 0:0(0) ack 1
      7000  >     S. 0:0(0) ack 1
     15000  >     S. 0:0(0) ack 1
     31000  >     S. 0:0(0) ack 1
     63000  event gone
    )");
}

TEST_CASE("handshake: a repeated SYN is answered at once (Linux 6.18)") {
    run_timeline(server(), R"(
         0  <     S  0:0(0)
         0  >     S. 0:0(0) ack 1
       500  <     S  0:0(0)
       500  >     S. 0:0(0) ack 1
       600  <     .  1:1(0) ack 1
       600  event accepted
    )");
}

TEST_CASE(
    "fast open: without a cookie the SYN asks for one, and the request rides the handshake's ACK (RFC 7413 4.1.3)") {
    run_timeline(asking(client()), R"(
         0  call  connect 400
         0  >     S  0:0(0)           <fastopen>
       100  <     S. 0:0(0) ack 1     <fastopen abcd1234>
       100  event connected
       100  >     P. 1:401(400) ack 1
    )");
}

TEST_CASE("fast open: with a cookie the request rides the SYN (RFC 7413 section 4.2.2)") {
    run_timeline(with_cookie(client(), 0xabcd1234), R"(
         0  call  connect 100
         0  >     S  0:100(100)         <fastopen abcd1234>
        40  <     S. 0:0(0) ack 101
        40  >     .  101:101(0) ack 1
        40  event connected
        65  <     P. 1:1201(1200) ack 101
        65  >     .  101:101(0) ack 1201
        65  event data 1200
    )");
}

TEST_CASE("fast open: the SYN takes 1420 bytes, the rest follows the SYN-ACK (Linux 6.18)") {
    run_timeline(with_cookie(client(), 0xabcd1234), R"(
         0  call  connect 3000
         0  >     S  0:1420(1420)       <fastopen abcd1234>
       100  <     S. 0:0(0) ack 1421
       100  event connected
       100  >     .  1421:2869(1448) ack 1
       100  >     P. 2869:3001(132) ack 1
    )");
}

TEST_CASE("fast open: data that the SYN-ACK leaves out goes again at once (RFC 7413 section 4.2.2)") {
    run_timeline(with_cookie(client(), 0xabcd1234), R"(
         0  call  connect 400
         0  >     S  0:400(400)         <fastopen abcd1234>
       100  <     S. 0:0(0) ack 1       <fastopen 77>
       100  event connected
       100  >     P. 1:401(400) ack 1
    )");
}

TEST_CASE("fast open: a repeated SYN is bare; its data follows the SYN-ACK (Linux 6.18)") {
    run_timeline(with_cookie(client(), 0xabcd1234), R"(
         0  call  connect 400
         0  >     S  0:400(400)         <fastopen abcd1234>
      1000  >     S  0:0(0)
      1100  <     S. 0:0(0) ack 1
      1100  event connected
      1100  >     P. 1:401(400) ack 1
    )");
}

TEST_CASE(
    "fast open: a server with the right cookie takes the data and answers before the handshake ends (RFC 7413 4.2.2)") {
    run_timeline(with_cookie(server(), 0xabcd1234), R"(
         0  <     S  0:400(400)         <fastopen abcd1234>
         0  >     S. 0:0(0) ack 401
         0  event accepted
         0  event data 400
         0  call  write 500
         0  >     P. 1:501(500) ack 401
       100  <     .  401:401(0) ack 501
    )");
}

TEST_CASE(
    "fast open: a child sends its whole initial window behind the SYN-ACK, and no more until the ACK (Linux 6.18)") {
    Subject small = with_cookie(server(), 0xabcd1234);
    small.settings.initial_window = 3;
    run_timeline(small, R"(
         0  <     S  0:400(400)         <fastopen abcd1234>
         0  >     S. 0:0(0) ack 401
         0  event accepted
         0  event data 400
         0  call  write 8688
         0  >     .  1:1449(1448) ack 401
         0  >     .  1449:2897(1448) ack 401
         0  >     .  2897:4345(1448) ack 401
       100  <     .  401:401(0) ack 1
       100  <     .  401:401(0) ack 4345
       100  >     .  4345:5793(1448) ack 401
       100  >     .  5793:7241(1448) ack 401
       100  >     P. 7241:8689(1448) ack 401
       200  <     .  401:401(0) ack 8689
    )");
}

TEST_CASE("fast open: a wrong cookie gets the right one, and its data is ignored (RFC 7413 section 4.1.2)") {
    run_timeline(with_cookie(server(), 0xabcd1234), R"(
         0  <     S  0:400(400)         <fastopen 1>
         0  >     S. 0:0(0) ack 1       <fastopen abcd1234>
       100  <     P. 1:401(400) ack 1
       100  >     .  1:1(0) ack 401
       100  event accepted
       100  event data 400
    )");
}

TEST_CASE("fast open: a listener without it ignores cookie and data (Linux 6.18)") {
    Subject plain = server();
    plain.cookie = 0xabcd1234;
    run_timeline(plain, R"(
         0  <     S  0:400(400)         <fastopen abcd1234>
         0  >     S. 0:0(0) ack 1
    )");
}

TEST_CASE("fast open: a child makes one more SYN-ACK than a plain half-open connection, at 63 s (Linux 6.18)") {
    run_timeline(with_cookie(server(), 0xabcd1234), R"(
         0  <     S  0:400(400)         <fastopen abcd1234>
         0  >     S. 0:0(0) ack 401
         0  event accepted
         0  event data 400
      1000  >     S. 0:0(0) ack 401
      3000  >     S. 0:0(0) ack 401
      7000  >     S. 0:0(0) ack 401
     15000  >     S. 0:0(0) ack 401
     31000  >     S. 0:0(0) ack 401
     63000  >     S. 0:0(0) ack 401
    127000  event timed_out
    127000  event gone
    )");
}

TEST_CASE("data: initial window of 10 segments, doubling with each round (RFC 6928, RFC 5681 section 3.1)") {
    run_timeline(server(), R"(
         0  <     S  0:0(0)
         0  >     S. 0:0(0) ack 1
       100  <     .  1:1(0) ack 1
       100  event accepted
       100  call  write 20272
       100  >     .  1:1449(1448) ack 1
       100  >     .  1449:2897(1448) ack 1
       100  >     .  2897:4345(1448) ack 1
       100  >     .  4345:5793(1448) ack 1
       100  >     .  5793:7241(1448) ack 1
       100  >     .  7241:8689(1448) ack 1
       100  >     .  8689:10137(1448) ack 1
       100  >     .  10137:11585(1448) ack 1
       100  >     .  11585:13033(1448) ack 1
       100  >     .  13033:14481(1448) ack 1
       200  <     .  1:1(0) ack 2897
       200  >     .  14481:15929(1448) ack 1
       200  >     .  15929:17377(1448) ack 1
       200  >     .  17377:18825(1448) ack 1
       200  >     P. 18825:20273(1448) ack 1
       200  <     .  1:1(0) ack 20273
    )");
}

TEST_CASE(
    "data: without byte counting an ACK opens the window by one segment, whatever it covers (RFC 5681 section 3.1)") {
    Subject by_acks = server();
    by_acks.settings.byte_counting = false;
    by_acks.settings.initial_window = 4;
    run_timeline(by_acks, R"(
         0  <     S  0:0(0)
         0  >     S. 0:0(0) ack 1
       100  <     .  1:1(0) ack 1
       100  event accepted
       100  call  write 14480
       100  >     .  1:1449(1448) ack 1
       100  >     .  1449:2897(1448) ack 1
       100  >     .  2897:4345(1448) ack 1
       100  >     .  4345:5793(1448) ack 1
       200  <     .  1:1(0) ack 2897
       200  window 5
       200  >     .  5793:7241(1448) ack 1
       200  >     .  7241:8689(1448) ack 1
       200  >     .  8689:10137(1448) ack 1
       200  <     .  1:1(0) ack 5793
       200  window 6
       200  >     .  10137:11585(1448) ack 1
       200  >     .  11585:13033(1448) ack 1
       200  >     P. 13033:14481(1448) ack 1
       300  <     .  1:1(0) ack 14481
    )");
}

TEST_CASE(
    "data: the retransmission timer is SRTT + max(200 ms, 4 RTTVAR) and doubles (Linux 6.18, RFC 6298 section 5)") {
    Subject without_probe = client();
    without_probe.settings.tail_loss_probe = false;
    run_timeline(without_probe, R"(
         0  call  connect
         0  >     S  0:0(0)
       100  <     S. 0:0(0) ack 1
       100  >     .  1:1(0) ack 1
       100  event connected
       100  call  write 400
       100  >     P. 1:401(400) ack 1
       400  >     P. 1:401(400) ack 1
      1000  >     P. 1:401(400) ack 1
      2200  >     P. 1:401(400) ack 1
      2300  <     .  1:1(0) ack 401
    )");
}

TEST_CASE("data: a hole is acknowledged at once, and what it held back comes with it (RFC 5681 section 4.2)") {
    run_timeline(client(), R"(
         0  call  connect
         0  >     S  0:0(0)
       100  <     S. 0:0(0) ack 1
       100  >     .  1:1(0) ack 1
       100  event connected
       200  <     .  1449:2897(1448) ack 1
       200  >     .  1:1(0) ack 1 sack 1449:2897
       210  <     .  1:1449(1448) ack 1
       210  >     .  1:1(0) ack 2897
       210  event data 2896
    )");
}

TEST_CASE("ack: requests and answers that take turns delay a lone ACK by 40 ms (Linux 6.18)") {
    run_timeline(asking(client()), R"(
         0  call  connect 400
         0  >     S  0:0(0)           <fastopen>
       100  <     S. 0:0(0) ack 1     <fastopen abcd1234>
       100  event connected
       100  >     P. 1:401(400) ack 1
       200  <     .  1:1(0) ack 401
       200  <     P. 1:501(500) ack 401
       200  event data 500
       240  >     .  401:401(0) ack 501
    )");
}

TEST_CASE("close: the side that closes second goes from CLOSE-WAIT over LAST-ACK to CLOSED (RFC 9293 section 3.6)") {
    run_timeline(server(), R"(
         0  <     S  0:0(0)
         0  >     S. 0:0(0) ack 1
       100  <     .  1:1(0) ack 1
       100  event accepted
       200  <     F. 1:1(0) ack 1
       200  >     .  1:1(0) ack 2
       200  event peer_closed
       200  call  close
       200  >     F. 1:1(0) ack 2
       300  <     .  2:2(0) ack 2
       300  event finished
       300  event gone
    )");
}

TEST_CASE("close: a lost FIN is repeated by the timer (RFC 9293 section 3.8.1)") {
    run_timeline(client(), R"(
         0  call  connect
         0  >     S  0:0(0)
       100  <     S. 0:0(0) ack 1
       100  >     .  1:1(0) ack 1
       100  event connected
       100  call  close
       100  >     F. 1:1(0) ack 1
       400  >     F. 1:1(0) ack 1
       500  <     F. 1:1(0) ack 2
       500  >     .  2:2(0) ack 2
       500  event peer_closed
       500  event finished
     60500  event gone
    )");
}

TEST_CASE("reset: RST on an established connection ends it (RFC 9293 section 3.10.7.4, second)") {
    run_timeline(client(), R"(
         0  call  connect
         0  >     S  0:0(0)
       100  <     S. 0:0(0) ack 1
       100  >     .  1:1(0) ack 1
       100  event connected
       100  call  write 400
       100  >     P. 1:401(400) ack 1
       200  <     R. 1:1(0) ack 401
       200  event reset
       200  event gone
    )");
}

TEST_CASE("ack progress: outstanding data without an ACK for the whole timeout is given up with RST (RFC 5482)") {
    Subject impatient = client();
    impatient.settings.ack_timeout = 2s;
    impatient.settings.tail_loss_probe = false;
    run_timeline(impatient, R"(
         0  call  connect
         0  >     S  0:0(0)
       100  <     S. 0:0(0) ack 1
       100  >     .  1:1(0) ack 1
       100  event connected
       100  call  write 400
       100  >     P. 1:401(400) ack 1
       400  >     P. 1:401(400) ack 1
      1000  >     P. 1:401(400) ack 1
      2100  >     R. 401:401(0) ack 1
      2100  event ack_timeout
      2100  event gone
    )");
}
