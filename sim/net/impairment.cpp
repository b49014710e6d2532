#include "net/impairment.hpp"

#include "core/sampler.hpp"

namespace firstbyte::net {

namespace {

/// Share of packets for which the chain is in its bad state.
double share_bad(const Loss& loss) {
    const double changes = loss.good_to_bad + loss.bad_to_good;
    return changes == 0 ? 0 : loss.good_to_bad / changes;
}

/// What a packet's block of random words is for.
enum Word : std::size_t { ChangeState, LosePacket, Jitter, FirstState };

} // namespace

Fate fate_of(Path& path, Bytes size, const Draws& draws) {
    const LinkSpec& link = *path.link;
    const auto words = draws.block(Stream::Loss, path.draws, path.ordinal++);
    const auto happens = [&words](Word word, double probability) { return unit_interval(words[word]) < probability; };
    if (!path.loss_begun) {
        path.loss_begun = true;
        path.loss_bad = happens(FirstState, share_bad(link.loss));
    } else if (happens(ChangeState, path.loss_bad ? link.loss.bad_to_good : link.loss.good_to_bad)) {
        path.loss_bad = !path.loss_bad;
    }
    // Model: a lost packet takes no place in the queue and no time on the wire, as with Linux's netem.
    if (link.path_mtu != 0 && size.count > link.path_mtu) return {TracePacket::Act::TooBig, {}};
    if (happens(LosePacket, path.loss_bad ? link.loss.in_bad : link.loss.in_good)) return {TracePacket::Act::Lost, {}};
    return {TracePacket::Act::Forward, sample_duration(link.jitter, unit_interval(words[Jitter]))};
}

double mean_loss(const Loss& loss) {
    const double bad = share_bad(loss);
    return (1 - bad) * loss.in_good + bad * loss.in_bad;
}

} // namespace firstbyte::net
