// Loss recovery as packet timelines: SACK and RACK (RFC 2018, 8985), tail loss probe, PRR (RFC 6937), undo (RFC 3522,
// 3708), F-RTO (RFC 5682), limited transmit (RFC 3042), recovery without SACK (RFC 6582).
//
// The round trip is 100 ms. Segment n has the bytes from 1 + (n - 1) x 1448 on.
#include "support/timeline.hpp"

#include <doctest/doctest.h>

using namespace firstbyte;
using namespace firstbyte::test;

namespace {

const std::string ten_segments = client_handshake() + "100 call write 14480\n" + sends("100", 1, 10, true);

Subject without_probe() {
    Subject subject = client();
    subject.settings.tail_loss_probe = false;
    return subject;
}

/// An idle or half-used window stays as it is.
Subject keeping_window() {
    Subject subject = client();
    subject.settings.slow_start_after_idle = false;
    return subject;
}

} // namespace

TEST_CASE("RACK: what was sent before three SACKed segments is lost at once (RFC 8985 section 6.2 step 4)") {
    run_timeline(client(), ten_segments + R"(
       200  <       .  1:1(0) ack 1 sack 1449:2897
       200  <       .  1:1(0) ack 1 sack 1449:4345
       200  <       .  1:1(0) ack 1 sack 1449:5793
       200  >       .  1:1449(1448) ack 1
       300  <       .  1:1(0) ack 14481
       300  window  any 7
    )");
}

TEST_CASE("RACK: fewer SACKed segments give the missing one a quarter of the least RTT (RFC 8985 section 6.2 step 4)") {
    // 25 ms, and the 2 ms that Linux's timer adds at least (TCP_TIMEOUT_MIN_US).
    run_timeline(client(), ten_segments + R"(
       200  <       .  1:1(0) ack 1 sack 1449:2897
       200  <       .  1:1(0) ack 1 sack 1449:4345
       227  >       .  1:1449(1448) ack 1
       327  <       .  1:1(0) ack 14481
       327  window  any 7
    )");
}

TEST_CASE("RACK: a segment that comes within that time was only late, and the window stays (RFC 8985 section 3.3.2)") {
    run_timeline(client(), ten_segments + R"(
       200  <       .  1:1(0) ack 1 sack 1449:2897
       200  <       .  1:1(0) ack 1 sack 1449:4345
       210  <       .  1:1(0) ack 4345
       220  <       .  1:1(0) ack 14481
       300  call    stop_reading
    )");
}

TEST_CASE("RACK: a retransmission is lost when something sent after it arrives (RFC 8985 section 3.3.1)") {
    run_timeline(client(), ten_segments + sacks("200", 2, 4) + "200 > . 1:1449(1448) ack 1\n" + R"(
       200  <     .  1:1(0) ack 1 sack 1449:14481
       250  call  write 1448
       250  >     P. 14481:15929(1448) ack 1
       350  <     .  1:1(0) ack 1 sack 1449:15929
       350  >     .  1:1449(1448) ack 1
       450  <     .  1:1(0) ack 15929
    )");
}

TEST_CASE(
    "tail loss probe: two round trips and two ticks after the last segment it goes again, then the timeout starts "
    "(RFC 8985 section 7.2 and 7.3, Linux's constants)") {
    run_timeline(client(), ten_segments + R"(
       308  >     P. 13033:14481(1448) ack 1
       608  >     .  1:1449(1448) ack 1
      1208  >     .  1:1449(1448) ack 1
      1300  <     .  1:1(0) ack 14481
    )");
}

TEST_CASE("tail loss probe: new data goes first (RFC 8985 section 7.3)") {
    run_timeline(client(), client_handshake() + "100 call write 15928\n" + sends("100", 1, 10) + R"(
       308  >     P. 14481:15929(1448) ack 1
       400  <     .  1:1(0) ack 15929
    )");
}

TEST_CASE(
    "tail loss probe: one segment alone waits for a delayed ACK too, at most for the timeout (RFC 8985 section 7.2)") {
    // 2 x 100 + 200 ms, but not later than SRTT + 200 ms: then the timeout proper, 300 ms after the probe.
    run_timeline(client(), client_handshake() + R"(
       100  call  write 400
       100  >     P. 1:401(400) ack 1
       400  >     P. 1:401(400) ack 1
       700  >     P. 1:401(400) ack 1
      1300  >     P. 1:401(400) ack 1
      1400  <     .  1:1(0) ack 401
    )");
}

TEST_CASE(
    "tail loss probe: none before a Fast Open child's handshake ends, nor after it: the timeout decides (Linux 6.18)") {
    Subject child = server();
    child.fast_open = true;
    child.cookie = 0xabcd1234;
    run_timeline(child, R"(
         0  <     S  0:400(400)         <fastopen abcd1234>
         0  >     S. 0:0(0) ack 401
         0  event accepted
         0  event data 400
         0  call  write 4344
         0  >     .  1:1449(1448) ack 401
         0  >     .  1449:2897(1448) ack 401
         0  >     P. 2897:4345(1448) ack 401
       100  <     .  401:401(0) ack 1
       400  >     .  1:1449(1448) ack 401
       500  <     .  401:401(0) ack 4345
    )");
}

TEST_CASE("tail loss probe: one that repaired a loss reduces the window (RFC 8985 section 7.4.2)") {
    // The last of ten is lost; its repetition is acknowledged, and so is what follows: there was a loss.
    run_timeline(keeping_window(), ten_segments + R"(
       200  <       .  1:1(0) ack 13033
       500  >       P. 13033:14481(1448) ack 1
       600  <       .  1:1(0) ack 14481
       650  call    write 1448
       650  >       P. 14481:15929(1448) ack 1
       750  <       .  1:1(0) ack 15929
       750  window  14 14
    )");
}

TEST_CASE("tail loss probe: a needless one, reported by DSACK, does not (RFC 8985 section 7.4.2)") {
    run_timeline(keeping_window(), ten_segments + R"(
       200  <       .  1:1(0) ack 13033
       500  >       P. 13033:14481(1448) ack 1
       510  <       .  1:1(0) ack 14481
       600  <       .  1:1(0) ack 14481 sack 13033:14481
       650  call    write 1448
       650  >       P. 14481:15929(1448) ack 1
       750  <       .  1:1(0) ack 15929
       750  window  20 never
    )");
}

TEST_CASE(
    "limited transmit: each of the first two ACKs that SACK something lets a new segment out (RFC 3042, 5681 3.2)") {
    run_timeline(client(), client_handshake() + "100 call write 28960\n" + sends("100", 1, 10) + R"(
       200  <     .  1:1(0) ack 1 sack 1449:2897
       200  >     .  14481:15929(1448) ack 1
       200  <     .  1:1(0) ack 1 sack 1449:4345
       200  >     .  15929:17377(1448) ack 1
    )");
}

TEST_CASE("PRR: while more is out than ssthresh, 7 leave for 10 that arrive; then no more than ssthresh (RFC 6937)") {
    // Twelve out when the third SACK comes: one lost, three SACKed.
    run_timeline(client(), client_handshake() + "100 call write 28960\n" + sends("100", 1, 10) + R"(
       200  <     .  1:1(0) ack 1 sack 1449:2897
       200  >     .  14481:15929(1448) ack 1
       200  <     .  1:1(0) ack 1 sack 1449:4345
       200  >     .  15929:17377(1448) ack 1
       200  <     .  1:1(0) ack 1 sack 1449:5793
       200  >     .  1:1449(1448) ack 1
       201  <     .  1:1(0) ack 1 sack 1449:7241
       201  >     .  17377:18825(1448) ack 1
       202  <     .  1:1(0) ack 1 sack 1449:8689
       202  >     .  18825:20273(1448) ack 1
       203  <     .  1:1(0) ack 1 sack 1449:10137
       204  <     .  1:1(0) ack 1 sack 1449:11585
       205  <     .  1:1(0) ack 1 sack 1449:13033
       205  >     .  20273:21721(1448) ack 1
       206  <     .  1:1(0) ack 1 sack 1449:14481
       206  >     .  21721:23169(1448) ack 1
    )");
}

TEST_CASE("undo: the original's echo shows that the retransmission was needless (RFC 3522 section 3.2, Eifel)") {
    run_timeline(client(), ten_segments + sacks("200", 2, 4) + R"(
       200  >       .  1:1449(1448) ack 1
       210  <       .  1:1(0) ack 14481 echo 100
       210  window  17 never
    )");
}

TEST_CASE("undo: every retransmission reported as a duplicate, without timestamps (RFC 3708)") {
    Subject subject = client();
    subject.settings.timestamps = false;
    const auto segment = [](unsigned n) { return std::to_string(1 + (n - 1) * 1460); };
    std::string script = client_handshake() + "100 call write 14600\n";
    for (unsigned n = 1; n <= 10; ++n)
        script +=
            std::string("100 > ") + (n == 10 ? "P." : ".") + " " + segment(n) + ":" + segment(n + 1) + "(1460) ack 1\n";
    run_timeline(subject, script + R"(
       200  <       .  1:1(0) ack 1 sack 1461:2921
       200  <       .  1:1(0) ack 1 sack 1461:4381
       200  <       .  1:1(0) ack 1 sack 1461:5841
       200  >       .  1:1461(1460) ack 1
       210  <       .  1:1(0) ack 14601
       210  window  any 7
       300  <       .  1:1(0) ack 14601 sack 1:1461
       300  window  10 never
    )");
}

TEST_CASE("spurious timeout: the original's echo takes it back at once (RFC 4015)") {
    run_timeline(without_probe(), ten_segments + R"(
       400  >       .  1:1449(1448) ack 1
       400  window  1 7
       450  <       .  1:1(0) ack 1449 echo 100
       450  window  11 never
       460  <       .  1:1(0) ack 14481 echo 100
    )");
}

TEST_CASE("F-RTO: after the first ACK new data, after an ACK of what was not repeated the timeout was spurious "
          "(RFC 5682 section 2.1 and 3.1)") {
    for (const bool sack : {true, false}) {
        CAPTURE(sack);
        Subject subject = without_probe();
        subject.settings.sack = sack;
        run_timeline(subject, client_handshake() + "100 call write 28960\n" + sends("100", 1, 10) + R"(
       400  >       .  1:1449(1448) ack 1
       450  <       .  1:1(0) ack 1449 noecho
       450  >       .  14481:15929(1448) ack 1
       450  >       .  15929:17377(1448) ack 1
       460  <       .  1:1(0) ack 2897 noecho
    )" + sends("460", 13, 13));
    }
}

TEST_CASE(
    "F-RTO: a duplicate ACK after the new data shows that the loss was real (RFC 5682 section 2.1 step 3a, 3.1)") {
    run_timeline(without_probe(), client_handshake() + "100 call write 28960\n" + sends("100", 1, 10) + R"(
       400  >       .  1:1449(1448) ack 1
       500  <       .  1:1(0) ack 1449 noecho
       500  >       .  14481:15929(1448) ack 1
       500  >       .  15929:17377(1448) ack 1
       600  <       .  1:1(0) ack 1449 sack 14481:15929 noecho
       600  >       .  1449:2897(1448) ack 1
    )");
}

TEST_CASE(
    "timeout: everything goes again in slow start from one segment (RFC 5681 section 3.1, RFC 6298 section 5.4)") {
    // Without new data F-RTO has nothing to ask with (RFC 5682 section 2.1 step 2a).
    run_timeline(without_probe(), ten_segments + R"(
       400  >       .  1:1449(1448) ack 1
       400  window  1 7
       500  <       .  1:1(0) ack 1449
    )" + sends("500", 2, 3) + "600 < . 1:1(0) ack 2897\n600 < . 1:1(0) ack 4345\n" +
                                      sends("600", 4, 7) + "700 < . 1:1(0) ack 10137\n" + sends("700", 8, 10, true) +
                                      "800 < . 1:1(0) ack 14481\n");
}

TEST_CASE(
    "without SACK: three duplicate ACKs repeat the first hole, each partial ACK the next (RFC 6582 section 3.2)") {
    Subject subject = server();
    subject.settings.sack = false;
    subject.settings.congestion = tcp::CongestionControl::NewReno;
    std::string duplicates;
    for (int n = 0; n < 5; ++n) duplicates += "201 < . 1:1(0) ack 1\n"; // 5 ... 10 but for one that is lost
    run_timeline(subject, server_handshake() + "100 call write 14480\n" + sends("100", 1, 10, true) + R"(
       200  <       .  1:1(0) ack 1
       200  <       .  1:1(0) ack 1
       200  <       .  1:1(0) ack 1
       200  >       .  1:1449(1448) ack 1
    )" + duplicates + R"(
       299  window  any 5
       300  <       .  1:1(0) ack 4345
       300  >       .  4345:5793(1448) ack 1
       400  <       .  1:1(0) ack 14481
       400  call    write 1448
       400  >       P. 14481:15929(1448) ack 1
       500  <       .  1:1(0) ack 15929
       500  window  any 5
    )");
}

TEST_CASE("SACK: what the receiver no longer holds is repeated after half a round trip (RFC 2018 section 8; Linux)") {
    run_timeline(without_probe(), ten_segments + sacks("200", 2, 4) + R"(
       200  >     .  1:1449(1448) ack 1
       200  <     .  1:1(0) ack 1 sack 1449:14481
       300  <     .  1:1(0) ack 1449
       350  >     .  1449:2897(1448) ack 1
       450  <     .  1:1(0) ack 2897
    )" + sends("450", 3, 4));
}

TEST_CASE(
    "narrow path: what does not pass is cut and goes again at once, whole segments first (RFC 1191 section 6.4)") {
    // MTU 1200: 1148 bytes beside 40 of headers and 12 of timestamps. Small neighbours join (Linux
    // tcp_retrans_collapse).
    run_timeline(client(), client_handshake() + R"(
       100  call  write 2896
       100  >     .  1:1449(1448) ack 1
       100  >     P. 1449:2897(1448) ack 1
       150  call  too_big 1200
       150  >     .  1:1149(1148) ack 1
       150  >     .  1149:1449(300) ack 1
       150  >     .  1449:2597(1148) ack 1
       150  >     P. 2597:2897(300) ack 1
       250  <     .  1:1(0) ack 2897
       250  call  write 1448
       250  >     .  2897:4045(1148) ack 1
       250  >     P. 4045:4345(300) ack 1
       350  <     .  1:1(0) ack 4345
    )");
}

TEST_CASE("send buffer: with ACKs one by one it grows at each, and a writer goes on when a third is free: it waits behind "
          "segments 21, 33, 48 and 66 (Linux 6.18: v_tail_drops_q20)") {
    std::string script = client_handshake() + "100 call write 150000\n" + sends("100", 1, 10);
    for (unsigned n = 1; n <= 28; ++n) {
        const std::string at = std::to_string(n <= 10 ? 200 + n : 290 + n);
        script += at + " < . 1:1(0) ack " + std::to_string(begin_of(n + 1)) + "\n";
        for (unsigned sent = 9 + 2 * n; sent <= 10 + 2 * n; ++sent) {
            const bool waited_behind = sent == 21 || sent == 33 || sent == 48 || sent == 66;
            script += sends(at, sent, sent, waited_behind);
        }
    }
    run_timeline(client(), script);
}

TEST_CASE(
    "send buffer: a loss at its head stops the writer, because what is SACKed keeps its place (Linux 6.18: line 517 of "
    "the grid: nine new segments and the repetition)") {
    std::string script = client_handshake() + "100 call write 150000\n" + sends("100", 1, 10);
    for (unsigned n = 1; n <= 5; ++n) { // 21 segments are in the buffer
        script += "200 < . 1:1(0) ack " + std::to_string(begin_of(n + 1)) + "\n";
        script += sends("200", 9 + 2 * n, 10 + 2 * n);
    }
    // The writer was woken by the fourth ACK, when the buffer had two windows of 14, which is 29 segments. Behind the 32nd it
    // looks at the ACKs that have come meanwhile, and then fills the buffer up to the 39th.
    script +=
        "200 < . 1:1(0) ack " + std::to_string(begin_of(7)) + "\n" + sends("200", 21, 21, true) + sends("200", 22, 22);
    for (unsigned n = 7; n <= 10; ++n) {
        script += "200 < . 1:1(0) ack " + std::to_string(begin_of(n + 1)) + "\n";
        script += sends("200", 9 + 2 * n, 10 + 2 * n);
    }
    const auto sacked_to = [](unsigned n) {
        return "300 < . 1:1(0) ack 14481 sack 15929:" + std::to_string(begin_of(n + 1)) + "\n";
    };
    script += sacked_to(12) + sends("300", 31, 31) + sacked_to(13) + sends("300", 32, 32);
    script += sacked_to(14) + sends("300", 11, 11) + sacked_to(30) + sends("300", 33, 39, true);
    script += "400 < . 1:1(0) ack " + std::to_string(begin_of(33)) + "\n"; // the writer goes on
    script += sends("400", 40, 46);
    run_timeline(client(), script);
}
