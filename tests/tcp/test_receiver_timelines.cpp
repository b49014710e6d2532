// What a receiver sends, as packet timelines: order of SACK blocks (RFC 2018), duplicates (RFC 2883), quick and delayed
// ACKs (RFC 5681 section 4.2, Linux's phases), window and its updates (RFC 9293 section 3.8.6.2.2).
#include "support/timeline.hpp"

#include <doctest/doctest.h>

using namespace firstbyte;
using namespace firstbyte::test;
using namespace std::chrono_literals;

TEST_CASE("SACK: the block with the newest segment is first, then those reported before (RFC 2018 section 4)") {
    run_timeline(client(), client_handshake() + R"(
       200  <     .  1449:2897(1448) ack 1
       200  >     .  1:1(0) ack 1 sack 1449:2897
       201  <     .  4345:5793(1448) ack 1
       201  >     .  1:1(0) ack 1 sack 4345:5793,1449:2897
       202  <     .  7241:8689(1448) ack 1
       202  >     .  1:1(0) ack 1 sack 7241:8689,4345:5793,1449:2897
       203  <     .  2897:4345(1448) ack 1
       203  >     .  1:1(0) ack 1 sack 1449:5793,7241:8689
    )");
}

TEST_CASE("SACK: three blocks beside timestamps, four without (RFC 2018 section 3)") {
    for (const bool timestamps : {true, false}) {
        CAPTURE(timestamps);
        Subject subject = client();
        subject.settings.timestamps = timestamps;
        run_timeline(subject, client_handshake() + R"(
       200  <     .  1001:1101(100) ack 1
       200  >     .  1:1(0) ack 1 sack 1001:1101
       201  <     .  2001:2101(100) ack 1
       201  >     .  1:1(0) ack 1 sack 2001:2101,1001:1101
       202  <     .  3001:3101(100) ack 1
       202  >     .  1:1(0) ack 1 sack 3001:3101,2001:2101,1001:1101
       203  <     .  4001:4101(100) ack 1
       203  >     .  1:1(0) ack 1 sack 4001:4101,3001:3101,2001:2101)" +
                                  std::string(timestamps ? "\n" : ",1001:1101\n"));
    }
}

TEST_CASE("SACK: none where the peer did not permit it (RFC 2018 section 2)") {
    run_timeline(client(), R"(
         0  call  connect
         0  >     S  0:0(0)
       100  <     S. 0:0(0) ack 1 nosack
       100  >     .  1:1(0) ack 1
       100  event connected
       200  <     .  1449:2897(1448) ack 1
       200  >     .  1:1(0) ack 1
       201  <     .  1449:2897(1448) ack 1
       201  >     .  1:1(0) ack 1
    )");
}

TEST_CASE("DSACK: a segment that has come before is reported first, once (RFC 2883 section 4.1.1)") {
    run_timeline(client(), client_handshake() + R"(
       200  <     .  1:1449(1448) ack 1
       200  >     .  1:1(0) ack 1449
       200  event data 1448
       210  <     .  1:1449(1448) ack 1
       210  >     .  1:1(0) ack 1449 sack 1:1449
       220  <     .  1449:2897(1448) ack 1
       220  >     .  1:1(0) ack 2897
       220  event data 1448
    )");
}

TEST_CASE("DSACK: beside the blocks beyond a hole (RFC 2883 section 4.1.2 and 4.2)") {
    run_timeline(client(), client_handshake() + R"(
       200  <     .  1:1449(1448) ack 1
       200  >     .  1:1(0) ack 1449
       200  event data 1448
       201  <     .  2897:4345(1448) ack 1
       201  >     .  1:1(0) ack 1449 sack 2897:4345
       202  <     .  1:1449(1448) ack 1
       202  >     .  1:1(0) ack 1449 sack 1:1449,2897:4345
       203  <     .  2897:4345(1448) ack 1
       203  >     .  1:1(0) ack 1449 sack 2897:4345,2897:4345
    )");
}

TEST_CASE("DSACK: the part of a segment that has come before (RFC 2883 section 4.3)") {
    run_timeline(client(), client_handshake() + R"(
       200  <     .  1:1001(1000) ack 1
       200  >     .  1:1(0) ack 1001
       200  event data 1000
       210  <     .  501:1501(1000) ack 1
       210  >     .  1:1(0) ack 1501 sack 501:1001
       210  event data 500
    )");
}

TEST_CASE(
    "out of order: what lies beyond the hole comes with what fills it, and the ACK leaves at once (RFC 5681 4.2)") {
    run_timeline(client(), client_handshake() + R"(
       200  <     .  1449:2897(1448) ack 1
       200  >     .  1:1(0) ack 1 sack 1449:2897
       201  <     .  4345:5793(1448) ack 1
       201  >     .  1:1(0) ack 1 sack 4345:5793,1449:2897
       300  <     .  1:1449(1448) ack 1
       300  >     .  1:1(0) ack 2897 sack 4345:5793
       300  event data 2896
       301  <     .  2897:4345(1448) ack 1
       301  >     .  1:1(0) ack 5793
       301  event data 2896
    )");
}

TEST_CASE("out of order: two segments that overlap what is held count once (RFC 9293 section 3.10.7.4)") {
    run_timeline(client(), client_handshake() + R"(
       200  <     .  1001:2001(1000) ack 1
       200  >     .  1:1(0) ack 1 sack 1001:2001
       201  <     .  501:1501(1000) ack 1
       201  >     .  1:1(0) ack 1 sack 501:2001
       202  <     .  1:701(700) ack 1
       202  >     .  1:1(0) ack 2001
       202  event data 2000
    )");
}

TEST_CASE(
    "delayed ACK: a lone segment waits 40 ms, a second one does not (RFC 5681 section 4.2, Linux TCP_DELACK_MIN)") {
    // A client whose request rode the handshake's ACK has been lazy from the start (facts.md section 1).
    Subject asking = client();
    asking.fast_open = true;
    run_timeline(asking, R"(
         0  call  connect 400
         0  >     S  0:0(0)           <fastopen>
       100  <     S. 0:0(0) ack 1     <fastopen abcd1234>
       100  event connected
       100  >     P. 1:401(400) ack 1
       200  <     .  1:1449(1448) ack 401
       200  event data 1448
       201  <     .  1449:2897(1448) ack 401
       201  >     .  401:401(0) ack 2897
       201  event data 1448
       202  <     .  2897:4345(1448) ack 401
       202  event data 1448
       242  >     .  401:401(0) ack 4345
    )");
}

TEST_CASE(
    "quick ACKs: the first 22 segments of a stream are acknowledged one by one: 16 (Linux TCP_MAX_QUICKACKS) and the "
    "six that widen the first window (measured on Linux 6.18: 10 and 12 single ACKs, then every second segment)") {
    constexpr unsigned singly = 22;
    std::string script = client_handshake();
    for (unsigned n = 1; n <= singly; ++n) {
        const std::string at = std::to_string(200 + n), begin = std::to_string(begin_of(n)),
                          end = std::to_string(begin_of(n + 1));
        script += at + " < . " + begin + ":" + end + "(1448) ack 1\n" + at + " > . 1:1(0) ack " + end + "\n" + at +
                  " event data 1448\n";
    }
    const std::string next = std::to_string(200 + singly + 1), late = std::to_string(200 + singly + 1 + 40);
    const std::string end = std::to_string(begin_of(singly + 2));
    script += next + " < . " + std::to_string(begin_of(singly + 1)) + ":" + end + "(1448) ack 1\n" + next +
              " event data 1448\n" + late + " > . 1:1(0) ack " + end + "\n";
    run_timeline(client(), script);
}

TEST_CASE("an ACK rides data that leaves (RFC 9293 section 3.8.6.3)") {
    Subject asking = client();
    asking.fast_open = true;
    run_timeline(asking, R"(
         0  call  connect 400
         0  >     S  0:0(0)           <fastopen>
       100  <     S. 0:0(0) ack 1     <fastopen abcd1234>
       100  event connected
       100  >     P. 1:401(400) ack 1
       200  <     P. 1:501(500) ack 401
       200  event data 500
       220  call  write 400
       220  >     P. 401:801(400) ack 501
       320  <     .  501:501(0) ack 801
    )");
}

TEST_CASE("window: it is never taken back, what lies beyond it is not kept, and reading opens it by a whole segment "
          "(RFC 9293 section 3.8.6, 3.8.6.2.2 and 3.10.7.4)") {
    Subject subject = client();
    subject.settings.receive_buffer = 2304;
    // One segment of 1460 B is promised; 1448 come, so 12 are left, and no more while nobody reads.
    run_timeline(subject, R"(
         0  call  connect
         0  >     S  0:0(0)           win 1460
       100  <     S. 0:0(0) ack 1
       100  >     .  1:1(0) ack 1     win 1460
       100  event connected
       150  call  stop_reading
       200  <     .  1:1449(1448) ack 1
       200  >     .  1:1(0) ack 1449  win 12
       300  <     .  4345:5793(1448) ack 1
       300  >     .  1:1(0) ack 1449  win 12
       400  call  read
       400  event data 1448
       400  >     .  1:1(0) ack 1449  win 1448
    )");
}

TEST_CASE("keepalive probe or anything old: the ACK says where we are (RFC 9293 section 3.10.7.4, first)") {
    run_timeline(client(), client_handshake() + R"(
       200  <     .  1:1449(1448) ack 1
       200  >     .  1:1(0) ack 1449
       200  event data 1448
      5000  <     .  1448:1448(0) ack 1
      5000  >     .  1:1(0) ack 1449
    )");
}
