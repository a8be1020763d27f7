"""Parts of scripts/simulate that need numpy alone: python3 -m unittest discover -s Tests/simulation -p "*_test.py" """
import sys
import unittest
from pathlib import Path

try:
    import numpy as np
except ImportError as error:
    raise unittest.SkipTest("numpy is not installed") from error

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts" / "simulate"))

import community_file
import detector
import jets
import processes


def particles(pdg, charged, pt, eta, phi):
    """One particle in each of as many events."""
    pt, eta, phi = np.broadcast_arrays(np.asarray(pt, float), eta, phi)
    number = len(pt)
    return detector.Particles(np.arange(number), np.full(number, pdg), np.full(number, charged), detector.massless(pt, eta, phi))


def detected(*arguments, seed=1):
    given = particles(*arguments)
    return detector.detect(given, len(given.event), np.random.default_rng(seed))


class DetectorTest(unittest.TestCase):
    number = 20000

    def test_kinematics_invert_massless(self):
        pt, eta, phi = [3.0, 500.0], [-2.4, 0.1], [3.1, -1.0]
        for got, expected in zip(detector.kinematics(detector.massless(np.array(pt), np.array(eta), np.array(phi))), (pt, eta, phi)):
            np.testing.assert_allclose(got, expected, rtol=1e-12)

    def test_photons_have_the_resolution_of_the_electromagnetic_calorimeter(self):
        found = detected(22, False, np.full(self.number, 100.0), 0.05, 0.1)
        self.assertEqual(len(found.event), self.number)
        energy, sigma = found.p[:, 3], np.hypot(0.17, 1.01)
        expected = 100 * np.cosh(0.05)
        self.assertAlmostEqual(energy.mean(), expected, delta=5 * sigma / self.number**0.5)
        self.assertAlmostEqual(energy.std(), sigma, delta=0.03)

    def test_a_tower_hides_where_in_it_the_energy_was(self):
        found = detected(22, False, np.full(self.number, 100.0), 0.05, 0.1)
        _, eta, phi = detector.kinematics(found.p)
        self.assertTrue((eta >= 0).all() and (eta <= 0.1).all() and (phi >= 0).all() and (phi <= np.pi / 18).all())
        self.assertAlmostEqual(eta.mean(), 0.05, delta=0.002)
        self.assertAlmostEqual(eta.std(), 0.1 / 12**0.5, delta=0.001)

    def test_neutral_hadrons_have_the_resolution_of_the_hadronic_calorimeter(self):
        energy = detected(130, False, np.full(self.number, 100.0), 0.05, 0.1).p[:, 3]
        self.assertAlmostEqual(energy.mean(), 100 * np.cosh(0.05), delta=0.3)
        self.assertAlmostEqual(energy.std(), (3.02**2 + 5.205**2 + 1.59**2) ** 0.5, delta=0.2)

    def test_the_calorimeters_do_not_share_towers(self):
        photon = detector.massless(np.full(1, 40.0), np.full(1, 0.05), np.full(1, 0.1))
        both = detector.Particles(np.array([0, 0]), np.array([22, 310]), np.zeros(2, bool), np.concatenate([photon, photon]))
        found = detector.detect(both, 1, np.random.default_rng(1))
        self.assertEqual(len(found.event), 2)
        self.assertAlmostEqual(found.p[0, 3], 40, delta=4)
        self.assertAlmostEqual(found.p[1, 3], 40, delta=15)

    def test_charged_pions_are_tracks_or_towers(self):
        for eta, efficiency, resolution in ((0.3, 0.95, 0.01), (2.0, 0.85, 0.025)):
            found = detected(211, True, np.full(self.number, 20.0), eta, 1.0)
            self.assertEqual(len(found.event), self.number)
            pt, seen_eta, phi = detector.kinematics(found.p)
            tracks = (np.abs(seen_eta - eta) < 1e-9) & (np.abs(phi - 1) < 1e-9)
            self.assertAlmostEqual(tracks.mean(), efficiency, delta=0.012)
            self.assertAlmostEqual(pt[tracks].mean(), 20, delta=0.02)
            self.assertAlmostEqual(pt[tracks].std() / 20, resolution, delta=0.15 * resolution)

    def test_what_is_not_seen(self):
        for given in ((12, False, [100.0], 0, 0), (22, False, [100.0], 5.0, 0), (22, False, [0.1], 0, 0), (130, False, [0.8], 0, 0)):
            self.assertEqual(len(detected(*given).event), 0, given)
        # A muon has a track or nothing; beyond the tracks it has nothing.
        self.assertAlmostEqual(len(detected(13, True, np.full(self.number, 50.0), 0, 0).event) / self.number, 0.95, delta=0.01)
        self.assertEqual(len(detected(13, True, [50.0], 3.0, 0).event), 0)

    def test_particles_of_a_tower_are_summed_and_events_are_not(self):
        same = detector.Particles(np.array([0, 0, 1]), np.full(3, 22), np.zeros(3, bool), detector.massless(np.full(3, 50.0), np.full(3, 0.05), np.full(3, 0.1)))
        found = detector.detect(same, 2, np.random.default_rng(1))
        np.testing.assert_array_equal(found.event, [0, 1])
        self.assertAlmostEqual(found.p[0, 3], 100, delta=6)
        self.assertAlmostEqual(found.p[1, 3], 50, delta=5)

    def test_a_seed_says_it_all(self):
        given = (211, True, np.linspace(0.2, 80, 500), 1.0, 0.3)
        np.testing.assert_array_equal(detected(*given, seed=3).p, detected(*given, seed=3).p)
        self.assertFalse(np.array_equal(detected(*given, seed=3).p[:50], detected(*given, seed=4).p[:50]))

    def test_smearing_keeps_energies_positive_and_their_mean(self):
        value = detector.smear(np.full(200000, 2.0), np.full(200000, 1.6), np.random.default_rng(1))
        self.assertGreater(value.min(), 0)
        self.assertAlmostEqual(value.mean(), 2, delta=0.02)
        self.assertAlmostEqual(value.std(), 1.6, delta=0.05)


class JetsTest(unittest.TestCase):
    def test_rounding_keeps_15_bits(self):
        values = np.random.default_rng(1).uniform(-600, 600, 10000)
        found = jets.rounded(values)
        self.assertTrue((found.view(np.uint32) & 0xFF == 0).all())
        self.assertLessEqual(np.max(np.abs(found / values - 1)), 2**-16 + 2**-24)
        np.testing.assert_array_equal(jets.rounded(np.array([0.0, -1.5])), [0, -1.5])

    def test_a_match_holds_the_whole_decay(self):
        def at(eta, phi):
            return detector.massless(np.array(100.0), np.array(eta), np.array(phi))

        axis = at(0.0, 3.1)[None]
        truth = np.full((1, 2, 5, 4), np.nan)
        self.assertEqual(jets.matched(axis, truth, 0.8)[0], -1)
        truth[0, 1, :3] = [at(0.1, 3.1), at(0.5, 3.1), at(-0.2, -3.1)]
        self.assertEqual(jets.matched(axis, truth, 0.8)[0], 1)
        self.assertEqual(jets.matched(axis, truth, 0.45)[0], -1)
        truth[0, 0, :3] = [at(0.3, 3.1), at(0.5, 3.1), at(-0.2, -3.1)]
        self.assertEqual(jets.matched(axis, truth, 0.8)[0], 1)
        truth[0, 0, 0] = at(0.02, 3.1)
        self.assertEqual(jets.matched(axis, truth, 0.8)[0], 0)
        truth[0, 0, 2] = at(1.2, 3.1)
        self.assertEqual(jets.matched(axis, truth, 0.8)[0], 1)


def numbered(first, counts):
    """Jets whose numbers count on from `first`: the k-th constituent of jet i has E = first + i + k / 100."""
    rows = [[first + i + k / 100, 1, 2, 3] for i, count in enumerate(counts) for k in range(count)]
    truth = np.array([[first + i, 0, 0, 0] for i in range(len(counts))], np.float32)
    return jets.Jets(np.array(counts), np.array(rows, np.float32).reshape(-1, 4), truth)


class CommunityFileTest(unittest.TestCase):
    def test_rows_have_the_layout(self):
        table = community_file.rows(numbered(10, [2, 0, 200]), np.array([1, 0, 1]), 7)
        self.assertEqual(table.dtype["values_block_0"].shape, (804,))
        np.testing.assert_array_equal(table["index"], [7, 8, 9])
        np.testing.assert_array_equal(table["values_block_1"], [[0, 1], [0, 0], [0, 1]])
        block = table["values_block_0"]
        np.testing.assert_allclose(block[0, :12], [10, 1, 2, 3, 10.01, 1, 2, 3, 0, 0, 0, 0], rtol=1e-6)
        self.assertFalse(block[1, :800].any())
        self.assertAlmostEqual(float(block[2, 796]), 13.99, places=4)
        np.testing.assert_array_equal(block[:, 800], [10, 11, 12])

    def test_sources_are_interleaved_in_the_order_asked_for(self):
        sources = [[numbered(0, [1, 2, 3]), numbered(3, [1, 1])], [numbered(100, [2]), numbered(101, [1, 1])]]
        order = np.array([1, 0, 0, 1, 0, 0, 0, 1])
        for block in (1, 3, 100):
            table = np.concatenate(list(community_file.interleaved(sources, order, [0, 2], block)))
            np.testing.assert_array_equal(table["values_block_0"][:, 800], [100, 0, 1, 101, 2, 3, 4, 102])
            np.testing.assert_array_equal(table["values_block_0"][:, 0], [100, 0, 1, 101, 2, 3, 4, 102])
            np.testing.assert_array_equal(table["values_block_1"][:, 1], order * 2)
            np.testing.assert_array_equal(table["index"], np.arange(8))

    def test_columns_have_the_names_of_the_published_set(self):
        self.assertEqual(community_file.FLOATS[:5] + community_file.FLOATS[-5:], ["E_0", "PX_0", "PY_0", "PZ_0", "E_1", "PZ_199", "truthE", "truthPX", "truthPY", "truthPZ"])

    def test_class_names_are_padded_bytes(self):
        self.assertEqual(bytes(community_file.class_bytes(["qcd", "w_120"])), b"qcd\0\0w_120")


class ProcessTest(unittest.TestCase):
    def test_titles_name_unusual_masses(self):
        titles = {("qcd",): "qcd", ("w",): "w", ("w", 120): "w_120", ("top", 80): "top_80", ("higgs",): "higgs", ("higgs", 174, 20): "higgs_174_20"}
        for arguments, title in titles.items():
            self.assertEqual(processes.process(*arguments).title, title)

    def test_impossible_masses_are_refused(self):
        for arguments, fragment in ((("qcd", 5), "leave it out"), (("w", 5), "from 10 to 400"), (("higgs", 100, 60), "half"), (("top", 80, 79), "W mass"), (("z", 91, 3), "inner")):
            with self.assertRaisesRegex(ValueError, fragment):
                processes.process(*arguments)

    def test_the_top_keeps_the_shape_of_its_decay(self):
        self.assertIn(f"24:m0 = {80.4 * 80 / 173}", processes.process("top", 80).settings)

    def test_the_range_of_the_hard_process_follows_the_cuts(self):
        self.assertIn("PhaseSpace:pTHatMin = 500.0", processes.common(processes.CUTS["top-tagging"]))
        self.assertIn("PhaseSpace:pTHatMax = 850.0", processes.common(processes.CUTS["vae-jet"]))


if __name__ == "__main__":
    unittest.main()
