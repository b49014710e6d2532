#!/usr/bin/env bash
# tests/bench/profile.sh [FILTER]   where a benchmark's instructions go, by part of the packet path (valgrind's callgrind).
# The benchmarks are those of build/release, made by tools/bench; FILTER is Google Benchmark's, one new_connection_...
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

filter=${1:-'new_connection_15kb/fast_open:0/clients:400$'}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

valgrind --tool=callgrind --callgrind-out-file="$scratch/calls" --toggle-collect='firstbyte::cdn::Replication::run()' \
    build/release/firstbyte_bench --benchmark_filter="$filter" --benchmark_min_time=0.001 >/dev/null 2>"$scratch/log" ||
    { cat "$scratch/log" >&2 && exit 1; }

# Lines of callgrind_annotate: "6,582,202 ( 6.61%)  file:function(arguments) [object]". The first pattern that fits counts.
callgrind_annotate --threshold=100 "$scratch/calls" | awk '
    function part(pattern, name) { patterns[++parts] = pattern; names[parts] = name }
    BEGIN {
        part("engine::", "event set")
        part("net::Network", "paths: wire, queue, flight")
        part("net::", "hosts: finding the connection, passing segments and notices on")
        part("cdn::", "clients, edge, dispatch of events and notices, fingerprints")
        part("schedule_loss_probe|rearm|fresh_rto|alarm|watch_progress", "TCP: loss probe, retransmission timer")
        part("Cubic|Congestion|add_rtt|RttEstimator|validate_window|new_reno", "TCP: congestion control, RTT")
        part("send_buffer|push_mark|mark_|wake_writer", "TCP: send buffer, PSH")
        part("take_in_order|on_data_came|decide_ack|delay_ack|send_ack|on_payload|window_of", "TCP: receiver and its ACKs")
        part("transmit_new|send_sent|make_segment|push_data", "TCP: sending data")
        part("on_segment|on_any_segment|predicted|on_ack|take_acknowledged|update_window", "TCP: what ACKs say")
        part("tcp::", "TCP: handshake and the rest")
        part(".", "memory, library")
    }
    $1 ~ /^[0-9,]+$/ && /%\)/ {
        count = $1
        gsub(",", "", count)
        if (/PROGRAM TOTALS/) { total = count; next }
        sub(/^[^)]*\) */, "")
        sub(/^[^:]*:/, "")
        sub(/\(.*/, "")
        for (n = 1; n <= parts; ++n) if ($0 ~ patterns[n]) { sum[n] += count; break }
    }
    END {
        printf "%d instructions\n", total
        for (n = 1; n <= parts; ++n) printf "%5.1f %%  %s\n", 100 * sum[n] / total, names[n]
    }'
