/// Random numbers that are looked up, not drawn: the n-th number of a stream is a function of its name.
#pragma once

#include <array>
#include <cstdint>

namespace firstbyte {

/// What a random number is for. One stream per purpose: a model that draws once more disturbs nobody else.
/// The numbers are part of the results: add at the end, never renumber.
enum class Stream : std::uint32_t {
    ClientPick = 1,    ///< which client of a group a session belongs to
    SessionGap = 2,    ///< time to the next session of an arrival stream
    RequestCount = 3,  ///< requests of a session
    ThinkTime = 4,     ///< pause between two requests of a session
    Object = 5,        ///< which object a request asks for
    RequestSize = 6,   ///< bytes
    ResponseSize = 7,  ///< bytes
    CacheHit = 8,      ///< whether the edge answers
    ServiceTime = 9,   ///< at the origin
    Processing = 10,   ///< at the edge
    AccessDelay = 11,  ///< of a client
    TfoSupport = 12,   ///< whether a client's stack uses Fast Open
    TlsResumed = 13,   ///< whether a connection resumes a session
    TlsEarlyData = 14, ///< whether a resumed connection sends 0-RTT data
    CookieKey = 15,    ///< keys of Fast Open cookies
    Loss = 16,         ///< packet loss, jitter and reordering: one block of four words serves all three
    PublicIp = 17,     ///< which of its addresses a client appears with
    // Whether a client is behind a middlebox of a kind.
    BoxOptionStripped = 18,
    BoxDataStripped = 19,
    BoxSynDataDropped = 20,
    BoxOptionDropped = 21,
    BoxBlackholed = 22,
    CacheItem = 33,           ///< which item of an object a request asks for
    ItemSize = 34,            ///< bytes of an item
    OriginStatus = 29,        ///< which status an origin answers with
    ReadSlack = 26,           ///< how late a read timer is
    EdgeBalance = 27,         ///< which connections an edge cuts
    EdgeOverload = 28,        ///< which requests an edge has no room for
    Record = 31,              ///< which requests are kept one by one
    BgpMrai = 23,             ///< jitter of an MRAI interval
    BgpProcessing = 24,       ///< of the UPDATEs an AS collected
    BgpKeepalive = 25,        ///< age of the last keepalive when a speaker dies
    SyntheticInternet = 30,   ///< of the generator of AS graphs: one entity per step of it
    CdnPeering = 31,          ///< whether an AS peers with the CDN
    SampledDestinations = 32, ///< ASes to which the statistics of a graph compute routes
};

/// Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011; Random123): a
/// keyed bijection of 128 bits whose outputs for successive counters pass as random.
[[nodiscard]] std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                                  std::array<std::uint32_t, 2> key);

/// All random numbers of one replication, without state.
///
/// The key of Philox comes from (seed, replication), its counter from (stream, entity, n). The same client has the same
/// draws in every variant of a comparison, and for any partition or number of threads. Copying costs eight bytes.
class Draws {
public:
    Draws(std::uint64_t seed, std::uint32_t replication);

    /// 128 random bits; `n` names the draw within (stream, entity).
    [[nodiscard]] std::array<std::uint32_t, 4> block(Stream stream, std::uint32_t entity, std::uint64_t n) const;

    /// First 64 bits of the block.
    [[nodiscard]] std::uint64_t bits64(Stream stream, std::uint32_t entity, std::uint64_t n) const;

    /// Uniform in the open interval (0, 1): never 0, never 1, symmetric about 1/2.
    [[nodiscard]] double uniform(Stream stream, std::uint32_t entity, std::uint64_t n) const;

    /// Uniform integer in 0 ... bound - 1. Uneven by less than bound / 2^64.
    /// @pre bound > 0
    [[nodiscard]] std::uint64_t below(std::uint64_t bound, Stream stream, std::uint32_t entity, std::uint64_t n) const;

private:
    std::array<std::uint32_t, 2> key_{};
};

/// Maps 64 random bits to (0, 1): an odd multiple of 2^-53, so that neither end is reached and no rounding happens.
[[nodiscard]] constexpr double unit_interval(std::uint64_t bits) {
    return static_cast<double>((bits >> 11) | 1) * 0x1p-53;
}

/// Maps 32 random bits to (0, 1), in steps of 2^-32: for one word of a block.
[[nodiscard]] constexpr double unit_interval(std::uint32_t bits) { return (static_cast<double>(bits) + 0.5) * 0x1p-32; }

} // namespace firstbyte
