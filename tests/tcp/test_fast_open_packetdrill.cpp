// Behaviours that packetdrill's Fast Open scripts assert of Linux (facts.md section 7), named by script, on one
// connection. Those of the cookie cache, the listener and the queues are in test_fast_open_clients.cpp,
// test_fast_open_listener.cpp, tests/net/test_fast_open_hosts.cpp and tests/net/test_listen.cpp.
#include "support/timeline.hpp"

#include <doctest/doctest.h>

using namespace firstbyte;
using namespace firstbyte::test;

namespace {

constexpr std::uint64_t cookie = 0xabcd1234;

Subject with_cookie(Subject subject) {
    subject.fast_open = true;
    subject.cookie = cookie;
    return subject;
}

Subject plain(Subject subject) { return subject; }

} // namespace

TEST_CASE("packetdrill blocking-sendto-errnos: RST to the SYN with data refuses the connection") {
    run_timeline(with_cookie(client()), R"(
         0  call  connect 400
         0  >     S  0:400(400)       <fastopen abcd1234>
       100  <     R. 0:0(0) ack 401
       100  event refused
       100  event gone
    )");
}

TEST_CASE("packetdrill poll: nothing is said before the SYN-ACK") {
    run_timeline(with_cookie(client()), R"(
         0  call  connect 400
         0  >     S  0:400(400)       <fastopen abcd1234>
       999  <     .  1:1(0) ack 2000
       999  >     R  2000:2000(0)
    )");
}

TEST_CASE("packetdrill nonblocking-sendto-empty-buf: a cookie without data, data follows the handshake") {
    run_timeline(with_cookie(client()), R"(
         0  call  connect 0
         0  >     S  0:0(0)           <fastopen abcd1234>
       100  <     S. 0:0(0) ack 1
       100  event connected
       100  >     .  1:1(0) ack 1
       100  call  write 400
       100  >     P. 1:401(400) ack 1
    )");
}

TEST_CASE("packetdrill syn-data-partial-or-over-ack: only what the SYN-ACK leaves out goes again") {
    run_timeline(with_cookie(client()), R"(
         0  call  connect 1000
         0  >     S  0:1000(1000)     <fastopen abcd1234>
       100  <     S. 0:0(0) ack 501
       100  event connected
       100  >     P. 501:1001(500) ack 1
    )");
}

TEST_CASE("packetdrill syn-data-partial-or-over-ack: acknowledging more than was sent is answered with RST") {
    run_timeline(with_cookie(client()), R"(
         0  call  connect 1000
         0  >     S  0:1000(1000)     <fastopen abcd1234>
       100  <     S. 0:0(0) ack 1002
       100  >     R  1002:1002(0)
      1000  >     S  0:0(0)
    )");
}

TEST_CASE("packetdrill synack-data: data before the SYN-ACK is ignored, data on the SYN-ACK is taken") {
    run_timeline(with_cookie(client()), R"(
         0  call  connect 400
         0  >     S  0:400(400)       <fastopen abcd1234>
        50  <     P. 1:501(500) ack 401
       100  <     S. 0:500(500) ack 401
       100  event connected
       100  event data 500
       100  >     .  401:401(0) ack 501
    )");
}

TEST_CASE("packetdrill basic-rw: the child reads and writes before its handshake ends") {
    run_timeline(with_cookie(server()), R"(
         0  <     S  0:400(400)       <fastopen abcd1234>
         0  >     S. 0:0(0) ack 401
         0  event accepted
         0  event data 400
         0  call  write 500
         0  >     P. 1:501(500) ack 401
       100  <     .  401:401(0) ack 501
    )");
}

TEST_CASE("packetdrill basic-zero-payload: a good cookie without data makes a child that may write before the ACK") {
    run_timeline(with_cookie(server()), R"(
         0  <     S  0:0(0)           <fastopen abcd1234>
         0  >     S. 0:0(0) ack 1
         0  event accepted
        10  call  write 500
        10  >     P. 1:501(500) ack 1
       100  <     .  1:1(0) ack 501
    )");
}

TEST_CASE("packetdrill pure-syn-data: data without the option is ignored by any listener, plain SYN-ACK") {
    for (const Subject& subject : {with_cookie(server()), plain(server())})
        run_timeline(subject, R"(
         0  <     S  0:400(400)
         0  >     S. 0:0(0) ack 1
       100  <     P. 1:401(400) ack 1
       100  event accepted
       100  event data 400
       100  >     .  1:1(0) ack 401
    )");
}

TEST_CASE("packetdrill fin-close-socket: a FIN before the handshake's end is acknowledged, close sends FIN") {
    run_timeline(with_cookie(server()), R"(
         0  <     S  0:400(400)       <fastopen abcd1234>
         0  >     S. 0:0(0) ack 401
         0  event accepted
         0  event data 400
       100  <     F. 401:401(0) ack 1
       100  >     .  1:1(0) ack 402
       100  event peer_closed
       150  call  close
       150  >     F. 1:1(0) ack 402
       250  <     .  402:402(0) ack 2
       250  event finished
       250  event gone
    )");
}

TEST_CASE("packetdrill reset-after-accept: the data comes first, then the error") {
    run_timeline(with_cookie(server()), R"(
         0  <     S  0:400(400)       <fastopen abcd1234>
         0  >     S. 0:0(0) ack 401
         0  event accepted
         0  event data 400
       100  <     R. 401:401(0) ack 1
       100  event reset
       100  event gone
       110  call  write 500
       110  call  close
    )");
}

TEST_CASE(
    "packetdrill reset-close-with-unread-data, reset-non-tfo-socket: after a RST writing and closing send nothing") {
    run_timeline(with_cookie(server()), R"(
         0  <     S  0:400(400)       <fastopen abcd1234>
         0  >     S. 0:0(0) ack 401
         0  event accepted
         0  event data 400
        10  call  stop_reading
       100  <     P. 401:801(400) ack 1
       100  >     .  1:1(0) ack 801
       200  <     R. 801:801(0) ack 1
       200  event reset
       200  event gone
       210  call  write 500
       210  call  close
    )");
    run_timeline(plain(server()), R"(
         0  <     S  0:0(0)
         0  >     S. 0:0(0) ack 1
       100  <     P. 1:401(400) ack 1
       100  event accepted
       100  event data 400
       100  >     .  1:1(0) ack 401
       200  <     R. 401:401(0) ack 1
       200  event reset
       200  event gone
       210  call  write 500
       210  call  close
    )");
}

TEST_CASE("packetdrill unread-data-closed-trigger-rst: closing with data unread sends RST") {
    run_timeline(with_cookie(server()), R"(
         0  <     S  0:400(400)       <fastopen abcd1234>
         0  >     S. 0:0(0) ack 401
         0  event accepted
         0  event data 400
        10  call  stop_reading
       100  <     P. 401:801(400) ack 1
       100  >     .  1:1(0) ack 801
       200  call  close
       200  >     R. 1:1(0) ack 801
       200  event finished
       200  event gone
    )");
}

TEST_CASE("packetdrill reset-after-disconnect: giving a child up before its handshake ends sends RST") {
    run_timeline(with_cookie(server()), R"(
         0  <     S  0:400(400)       <fastopen abcd1234>
         0  >     S. 0:0(0) ack 401
         0  event accepted
         0  event data 400
        10  call  abort
        10  >     R. 1:1(0) ack 401
        10  event finished
        10  event gone
    )");
}

TEST_CASE("Linux tcp_rtx_synack: a repeated SYN-ACK carries no Fast Open option") {
    Subject asked = server();
    asked.fast_open = true;
    asked.cookie = cookie;
    run_timeline(asked, R"(
         0  <     S  0:0(0)           <fastopen>
         0  >     S. 0:0(0) ack 1     <fastopen abcd1234>
      1000  >     S. 0:0(0) ack 1
      1500  <     S  0:0(0)
      1500  >     S. 0:0(0) ack 1
    )");
}
