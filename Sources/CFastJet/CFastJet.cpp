#include "CFastJet.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fastjet/ClusterSequence.hh>
#include <fastjet/Error.hh>
#include <fastjet/LimitedWarning.hh>
#include <fastjet/PseudoJet.hh>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace {

std::mutex one_caller;

void silence() {
  fastjet::ClusterSequence::set_fastjet_banner_stream(nullptr);
  fastjet::Error::set_print_errors(false);
  fastjet::LimitedWarning::set_default_stream(nullptr);
}

std::vector<fastjet::PseudoJet> pseudojets(const jetlua_particle *particles, size_t count) {
  std::vector<fastjet::PseudoJet> result;
  result.reserve(count);
  for (size_t i = 0; i < count; i++) {
    result.emplace_back(particles[i].px, particles[i].py, particles[i].pz, particles[i].energy);
    result.back().set_user_index(static_cast<int>(i));
  }
  return result;
}

template <typename T>
T *room_for(size_t count) {
  T *room = static_cast<T *>(std::calloc(count ? count : 1, sizeof(T)));
  if (!room) throw std::bad_alloc();
  return room;
}

void decluster(const fastjet::PseudoJet &start, std::vector<jetlua_splitting> &splittings) {
  std::vector<std::pair<fastjet::PseudoJet, int>> branches{{start, 0}};
  while (!branches.empty()) {
    auto [jet, plane] = branches.back();
    branches.pop_back();
    std::vector<std::pair<fastjet::PseudoJet, int>> softer;
    fastjet::PseudoJet a, b;
    while (jet.has_parents(a, b)) {
      if (a.pt2() < b.pt2()) std::swap(a, b);
      splittings.push_back({plane, jet.pt(), std::sqrt(std::max(0.0, jet.m2())), a.pt(), b.pt(), b.rap() - a.rap(), a.delta_phi_to(b)});
      softer.emplace_back(b, plane + 1);
      jet = a;
    }
    // The first soft branch of a chain is followed first.
    for (auto branch = softer.rbegin(); branch != softer.rend(); ++branch) branches.push_back(*branch);
  }
}

template <typename Body>
int guarded(char *message, size_t message_size, Body body) {
  try {
    std::lock_guard<std::mutex> lock(one_caller);
    silence();
    body();
    return 0;
  } catch (const fastjet::Error &error) {
    std::snprintf(message, message_size, "FastJet: %s", error.message().c_str());
  } catch (const std::bad_alloc &) {
    std::snprintf(message, message_size, "not enough memory");
  } catch (const std::exception &error) {
    std::snprintf(message, message_size, "%s", error.what());
  } catch (...) {
    std::snprintf(message, message_size, "an error without a text");
  }
  return 1;
}

}  // namespace

int jetlua_fastjet_cluster(
    const jetlua_particle *particles, size_t count, jetlua_algorithm algorithm, double radius, double minimum_pt,
    jetlua_clustering *result, char *message, size_t message_size) {
  *result = jetlua_clustering{};
  int status = guarded(message, message_size, [&] {
    const fastjet::JetAlgorithm name = algorithm == JETLUA_ANTIKT ? fastjet::antikt_algorithm
        : algorithm == JETLUA_KT                                  ? fastjet::kt_algorithm
                                                                  : fastjet::cambridge_algorithm;
    fastjet::ClusterSequence sequence(pseudojets(particles, count), fastjet::JetDefinition(name, radius));
    const auto jets = fastjet::sorted_by_pt(sequence.inclusive_jets(minimum_pt));
    result->jets = room_for<jetlua_particle>(jets.size());
    result->offsets = room_for<size_t>(jets.size() + 1);
    result->indices = room_for<size_t>(count);
    size_t at = 0;
    for (size_t j = 0; j < jets.size(); j++) {
      result->jets[j] = {jets[j].E(), jets[j].px(), jets[j].py(), jets[j].pz()};
      for (const auto &particle : fastjet::sorted_by_pt(jets[j].constituents())) {
        result->indices[at++] = static_cast<size_t>(particle.user_index());
      }
      result->offsets[j + 1] = at;
    }
    result->count = jets.size();
  });
  if (status) jetlua_fastjet_free_clustering(result);
  return status;
}

int jetlua_fastjet_decluster(
    const jetlua_particle *particles, size_t count, jetlua_declustering *result, char *message, size_t message_size) {
  *result = jetlua_declustering{};
  int status = guarded(message, message_size, [&] {
    if (count == 0) return;
    // A radius that takes in everything: the particles are one jet.
    fastjet::ClusterSequence sequence(
        pseudojets(particles, count), fastjet::JetDefinition(fastjet::cambridge_algorithm, fastjet::JetDefinition::max_allowable_R));
    std::vector<jetlua_splitting> splittings;
    const auto jets = fastjet::sorted_by_pt(sequence.inclusive_jets());
    if (!jets.empty()) decluster(jets.front(), splittings);
    result->splittings = room_for<jetlua_splitting>(splittings.size());
    for (size_t i = 0; i < splittings.size(); i++) result->splittings[i] = splittings[i];
    result->count = splittings.size();
  });
  if (status) jetlua_fastjet_free_declustering(result);
  return status;
}

void jetlua_fastjet_free_clustering(jetlua_clustering *result) {
  std::free(result->jets);
  std::free(result->offsets);
  std::free(result->indices);
  *result = jetlua_clustering{};
}

void jetlua_fastjet_free_declustering(jetlua_declustering *result) {
  std::free(result->splittings);
  *result = jetlua_declustering{};
}
