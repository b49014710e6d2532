#include "cdn/plan.hpp"

#include "core/check.hpp"
#include "core/sampler.hpp"

#include <algorithm>
#include <limits>

namespace firstbyte::cdn {

namespace {

/// Requests of one session have consecutive names; 2^20 of them leave 2^32 sessions their own.
constexpr unsigned request_bits = 20;

std::uint64_t name_of_request(SessionName name, std::uint32_t request) {
    FB_ASSERT(request < (1u << request_bits), "a session has fewer than a million requests");
    return (std::uint64_t{name.serial} << request_bits) | request;
}

std::uint32_t to_bytes(double value) {
    return static_cast<std::uint32_t>(std::clamp(value, 1.0, 1e9)); // a message has at least a byte, and at most 1 GB
}

} // namespace

double Planner::value(const Distribution& d, Stream stream, std::uint32_t entity, std::uint64_t n) const {
    if (d.constant()) return d.a;
    return sample(d, draws_.uniform(stream, entity, n));
}

SessionPlan Planner::session(SessionName name) const {
    const Group& group = world_.groups[name.group];
    SessionPlan plan;
    if (group.scripted) { // every member runs the whole script
        const auto entries = static_cast<std::uint32_t>(group.script.size());
        plan.member = name.serial / entries;
        plan.script = &group.script[name.serial % entries];
        plan.requests = static_cast<std::uint32_t>(plan.script->steps.size());
    } else {
        plan.member =
            static_cast<std::uint32_t>(draws_.below(group.population, Stream::ClientPick, name.group, name.serial));
        const double requests = value(world_.requests_per_session, Stream::RequestCount, name.group, name.serial);
        plan.requests = static_cast<std::uint32_t>(std::clamp(requests + 0.5, 1.0, double{(1u << request_bits) - 1}));
    }
    const Tls& tls = world_.tls;
    plan.tls_resumed = tls.resumed > 0 && draws_.uniform(Stream::TlsResumed, name.group, name.serial) < tls.resumed;
    plan.tls_early_data = plan.tls_resumed && tls.early_data > 0 &&
                          draws_.uniform(Stream::TlsEarlyData, name.group, name.serial) < tls.early_data;
    return plan;
}

TlsFlights Planner::tls(SessionName name) const {
    if (world_.tls.resumed == 0) return tls_flights(world_.tls, false, false);
    const SessionPlan plan = session(name);
    return tls_flights(world_.tls, plan.tls_resumed, plan.tls_early_data);
}

RequestPlan Planner::request(SessionName name, std::uint32_t request) const {
    const Group& group = world_.groups[name.group];
    const std::uint64_t n = name_of_request(name, request);
    RequestPlan plan;
    if (world_.objects.size() > 1) {
        const double u = draws_.uniform(Stream::Object, name.group, n);
        while (plan.object + 1 < world_.objects.size() && world_.objects[plan.object].cumulative_weight < u)
            ++plan.object;
    }
    const Object& object = world_.objects[plan.object];
    plan.idempotent = object.idempotent;
    plan.has_body = object.has_body;
    plan.cacheable = object.cacheable;
    std::uint32_t item = 0;
    if (object.items > 1) {
        const double u = draws_.uniform(Stream::CacheItem, name.group, n);
        item =
            object.popularity.empty()
                ? std::min(static_cast<std::uint32_t>(u * object.items), object.items - 1)
                : static_cast<std::uint32_t>(std::upper_bound(object.popularity.begin(), object.popularity.end(), u) -
                                             object.popularity.begin());
        item = std::min(item, object.items - 1);
    }
    plan.item = (std::uint64_t{plan.object} << 32) | item;
    plan.cache_hit =
        object.cache_hit_ratio >= 1 ||
        (object.cache_hit_ratio > 0 && draws_.uniform(Stream::CacheHit, name.group, n) < object.cache_hit_ratio);
    if (group.scripted) {
        const ScriptStep& step = group.script[name.serial % group.script.size()].steps[request];
        plan.request_bytes = static_cast<std::uint32_t>(step.request.count);
        plan.response_bytes = static_cast<std::uint32_t>(step.response.count);
        plan.sent_bytes = step.sends ? std::min(plan.request_bytes, static_cast<std::uint32_t>(step.sends->count))
                                     : plan.request_bytes;
        plan.think = step.think;
        plan.respond = step.respond;
        plan.then = step.then;
        return plan;
    }
    plan.request_bytes = to_bytes(value(object.request, Stream::RequestSize, name.group, n));
    // With a cache a size belongs to an item: all who ask for it get the same bytes.
    plan.response_bytes = world_.cache ? to_bytes(value(object.response, Stream::ItemSize, plan.object, item))
                                       : to_bytes(value(object.response, Stream::ResponseSize, name.group, n));
    plan.sent_bytes = plan.request_bytes;
    return plan;
}

/// How many times as often sessions come at a moment, and until when that holds. Surges that overlap multiply.
double Planner::factor(std::uint32_t group, Instant at, Instant& until) const {
    double factor = 1;
    until = never;
    for (const Surge& surge : world_.surges) {
        if (surge.group && *surge.group != group) continue;
        if (at >= surge.from && at < surge.until) {
            factor *= surge.factor;
            until = std::min(until, surge.until);
        } else if (at < surge.from) {
            until = std::min(until, surge.from);
        }
    }
    return factor;
}

/// A Poisson stream whose rate changes: the integral of the rate over a gap is exponential.
Instant Planner::arrival(std::uint32_t group, std::uint64_t n, Instant last) const {
    const double mean_ns = 1e9 / world_.groups[group].sessions_per_sec;
    Duration left = sample_duration(Distribution{Distribution::Kind::Exponential, mean_ns, 0, 0, {}, {}},
                                    draws_.uniform(Stream::SessionGap, group, n));
    if (world_.surges.empty()) return last + left;
    for (Instant at = last, until{};; at = until) {
        const double times = factor(group, at, until), gap = static_cast<double>(left.count());
        if (until == never) return times == 0 ? never : at + Duration{static_cast<std::int64_t>(gap / times)};
        const double span = static_cast<double>((until - at).count()) * times; // in time at the usual rate
        if (gap < span) return at + Duration{static_cast<std::int64_t>(gap / times)};
        left -= Duration{static_cast<std::int64_t>(span)};
    }
}

Duration Planner::think_time(SessionName name, std::uint32_t request) const {
    const Distribution& d = world_.think_time;
    if (d.constant()) return Duration{static_cast<std::int64_t>(d.a)};
    return sample_duration(d, draws_.uniform(Stream::ThinkTime, name.group, name_of_request(name, request)));
}

Duration Planner::processing(SessionName name, std::uint32_t request) const {
    const Distribution& d = world_.processing;
    if (d.constant()) return Duration{static_cast<std::int64_t>(d.a)};
    return sample_duration(d, draws_.uniform(Stream::Processing, name.group, name_of_request(name, request)));
}

Duration Planner::service_time(OriginId origin, SessionName name, std::uint32_t request, Instant now) const {
    const Origin& at = world_.origins[origin.value];
    const Distribution* chosen = &at.service_time;
    for (const ServiceSpan& span : at.service_spans)
        if (now >= span.from && now < span.until) chosen = &span.service_time;
    const Distribution& d = *chosen;
    if (d.constant()) return Duration{static_cast<std::int64_t>(d.a)};
    return sample_duration(d, draws_.uniform(Stream::ServiceTime, name.group, name_of_request(name, request)));
}

Duration Planner::read_slack(SessionName name, std::uint32_t request) const {
    if (world_.read_slack == Duration{0}) return {};
    const double u = draws_.uniform(Stream::ReadSlack, name.group, name_of_request(name, request));
    return Duration{static_cast<std::int64_t>(u * static_cast<double>(world_.read_slack.count()))};
}

bool Planner::cut_by_balance(SessionName name, std::uint32_t n, double share) const {
    const std::uint64_t draw = (std::uint64_t{n} << 32) | name.serial;
    return share >= 1 || draws_.uniform(Stream::EdgeBalance, name.group, draw) < share;
}

bool Planner::recorded(SessionName name, std::uint32_t request) const {
    if (world_.records >= 1) return true;
    return world_.records > 0 &&
           draws_.uniform(Stream::Record, name.group, name_of_request(name, request)) < world_.records;
}

bool Planner::rejected_by_overload(SessionName name, std::uint32_t request, double share) const {
    return share >= 1 || draws_.uniform(Stream::EdgeOverload, name.group, name_of_request(name, request)) < share;
}

std::uint16_t Planner::origin_status(OriginId origin, SessionName name, std::uint32_t request) const {
    constexpr std::uint16_t ok = 200;
    const std::vector<std::pair<std::uint16_t, double>>& statuses = world_.origins[origin.value].statuses;
    if (statuses.empty()) return ok;
    const double u = draws_.uniform(Stream::OriginStatus, name.group, name_of_request(name, request));
    for (const auto& [status, cumulative] : statuses)
        if (u < cumulative) return status;
    return ok;
}

Duration Planner::access_delay(std::uint32_t group, std::uint32_t member) const {
    const Distribution& d = world_.groups[group].access_delay;
    if (d.constant()) return Duration{static_cast<std::int64_t>(d.a)};
    return sample_duration(d, draws_.uniform(Stream::AccessDelay, group, member));
}

bool Planner::supports_fast_open(std::uint32_t group, std::uint32_t member) const {
    const double share = world_.groups[group].tfo_support;
    return share >= 1 || (share > 0 && draws_.uniform(Stream::TfoSupport, group, member) < share);
}

SipKey Planner::cookie_key(std::uint32_t key_index, std::uint32_t generation) const {
    const std::uint64_t n = std::uint64_t{generation} * 2;
    return {draws_.bits64(Stream::CookieKey, key_index, n), draws_.bits64(Stream::CookieKey, key_index, n + 1)};
}

std::uint32_t Planner::public_ip(SessionName name, std::uint32_t reopened) const {
    const std::uint32_t ips = world_.groups[name.group].public_ips;
    if (ips == 1) return 0;
    const std::uint64_t n = (std::uint64_t{reopened} << 32) | name.serial;
    return static_cast<std::uint32_t>(draws_.below(ips, Stream::PublicIp, name.group, n));
}

net::Boxes Planner::boxes(std::uint32_t group, std::uint32_t member) const {
    const BoxShares& shares = world_.groups[group].boxes;
    const auto behind = [&](double share, Stream stream) {
        return share >= 1 || (share > 0 && draws_.uniform(stream, group, member) < share);
    };
    net::Boxes boxes;
    boxes.option_stripped = behind(shares.option_stripped, Stream::BoxOptionStripped);
    boxes.data_stripped = behind(shares.data_stripped, Stream::BoxDataStripped);
    boxes.syn_data_dropped = behind(shares.syn_data_dropped, Stream::BoxSynDataDropped);
    boxes.option_dropped = behind(shares.option_dropped, Stream::BoxOptionDropped);
    boxes.blackholed = behind(shares.blackholed, Stream::BoxBlackholed);
    return boxes;
}

} // namespace firstbyte::cdn
