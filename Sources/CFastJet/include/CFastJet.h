#pragma once
#include <stddef.h>

// FastJet behind C functions: no exception leaves, nothing is printed, and only one thread may call at a time (Debian builds FastJet
// without thread safety; the functions take a lock).

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { JETLUA_ANTIKT = 0, JETLUA_CAMBRIDGE_AACHEN = 1, JETLUA_KT = 2 } jetlua_algorithm;

typedef struct {
  double energy, px, py, pz;
} jetlua_particle;

// Jets in descending order of pT. The particles of jet j are indices[offsets[j]] to indices[offsets[j + 1] - 1], counted from 0.
typedef struct {
  size_t count;
  jetlua_particle *jets;
  size_t *offsets;
  size_t *indices;
} jetlua_clustering;

// One step of an undone Cambridge/Aachen clustering, b being the branch of lower pT; rapidity and azimuth as FastJet defines them.
typedef struct {
  int plane;
  double parent_pt, parent_mass, hard_pt, soft_pt;
  double delta_rapidity, delta_phi;
} jetlua_splitting;

typedef struct {
  size_t count;
  jetlua_splitting *splittings;
} jetlua_declustering;

// Both return 0, or another number and a text in `message`; what they filled is released by the functions below.
int jetlua_fastjet_cluster(
    const jetlua_particle *particles, size_t count, jetlua_algorithm algorithm, double radius, double minimum_pt,
    jetlua_clustering *result, char *message, size_t message_size);
int jetlua_fastjet_decluster(
    const jetlua_particle *particles, size_t count, jetlua_declustering *result, char *message, size_t message_size);

void jetlua_fastjet_free_clustering(jetlua_clustering *result);
void jetlua_fastjet_free_declustering(jetlua_declustering *result);

#ifdef __cplusplus
}
#endif
