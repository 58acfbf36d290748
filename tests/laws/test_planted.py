"""Every acceptance test fails on what it is there to find: the table says which test fails on which defect.

Each test always on one of its defects, and on the others as a campaign.

P: covariances of 1.05 after each update. R: noise of 0.9. Q: none. lag: each row has the measurements of the row
before. transpose: one is dropped in the prediction. wrap: angles are not wrapped. spread: covariances of 1.05 before
each prediction. The others are what one law forbids: an absolute epsilon, a missing value taken for 0, a clock in
floats, P of sigma points alone, of fusing alone, or of a step backwards, draws too wide, unknown directions that do
not move, and simulations with another R or no Q.
"""

import ast
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import foglight as fog
from agreement import (
    test_closed_forms,
    test_curved,
    test_diffuse_recorded,
    test_exact,
    test_forms,
    test_laser_and_radar,
    test_peers,
    test_real_logs,
    test_recorded,
    test_smoothed_recorded,
)
from unit.inference import test_simulate

from . import (
    planted,
    test_dense,
    test_diffuse,
    test_edges,
    test_fusion,
    test_missing_and_time,
    test_quadratics,
    test_sensors,
    test_settling,
    test_simulated,
    test_smoother,
    test_structural_smoothed,
    test_suboptimal,
    test_symmetry,
    test_unknown_smoothed,
)
from .linear_cases import FEATURES, Feature

Check = tuple[Callable[..., None], dict[str, Any], str]
JOSEPH, TEXTBOOK, POINTS = fog.KF(form="joseph"), fog.KF(form="textbook"), fog.UKF(alpha=1e-3)
ALL = "P R Q lag transpose"
rows, calls, sensors, steps, floats, noises, opaque_on_floats, opaque, slopes, controls = FEATURES


def exact_and_true(feature: Feature, method: Any) -> None:
    """Both tests of what is stated fail, each on its own."""
    with pytest.raises(AssertionError):
        test_dense.test_what_is_stated_is_exact(feature, method)
    test_dense.test_what_is_stated_is_true(feature, method)


DENSE = [
    (rows, fog.KF(), ALL), (rows, JOSEPH, ALL), (rows, TEXTBOOK, "P R"), (rows, POINTS, ALL), (rows, fog.CKF(), "P"),
    (rows, fog.EKF(iterations=3), "R"), (calls, fog.KF(), "P R Q transpose"), (sensors, fog.KF(), ALL),
    (sensors, fog.UKF(), "Q transpose"), (steps, fog.KF(), "P lag"), (floats, fog.KF(), "R"),
    (noises, fog.KF(), "R"), (opaque_on_floats, fog.UKF(), "P"), (opaque, fog.UKF(), "P"), (slopes, fog.EKF(), "P"),
    (controls, fog.KF(), "Q lag"),
]  # fmt: skip


CHECKS: list[Check] = [
    *[(exact_and_true, {"feature": feature, "method": method}, defects) for feature, method, defects in DENSE],
    (test_suboptimal.test_a_wrong_filter_errs_as_predicted_and_is_found_out,
     {"claim": "R of 0.9", "method": fog.KF()}, ALL),
    (test_symmetry.test_permuting_states_permutes_the_answer, {"method": fog.KF()}, "transpose"),
    *[(test_symmetry.test_any_linear_change_of_the_state_changes_nothing_else,
       {"shape": (3, 2), "method": method}, "transpose") for method in (fog.KF(), JOSEPH)],
    *[(test_symmetry.test_powers_of_two_scale_exactly,
       dict(zip(("states", "measurements"), test_symmetry.UNITS[0], strict=True)) | {"method": method}, "epsilon")
      for method in (fog.KF(), TEXTBOOK, fog.CKF())],
    (test_symmetry.test_powers_of_two_scale_random_models_exactly,
     {"shape": (3, 2), "method": fog.KF()}, "epsilon"),
    (test_symmetry.test_powers_of_two_scale_single_steps_exactly, {}, "epsilon"),
    *[(test_symmetry.test_the_seam_of_an_angle_is_nowhere, {"method": method}, "wrap")
      for method in (fog.EKF(form="joseph"), fog.UKF())],
    *[(test_symmetry.test_full_turns_of_a_measured_angle_are_nothing, {"method": method}, "wrap")
      for method in (fog.EKF(), fog.UKF())],
    *[(check, {"method": method}, "P")
      for check in (test_sensors.test_order_of_independent_sensors_is_free,
                    test_sensors.test_two_updates_are_one_batch)
      for method in (fog.KF(), JOSEPH)],
    (test_sensors.test_sigma_points_at_any_spread_are_the_kalman_filter, {"method": fog.UKF(alpha=1e-6)}, "points"),
    (test_settling.test_a_long_run_ends_there, {"method": fog.KF()}, "P R Q transpose"),
    (test_settling.test_a_long_run_ends_there, {"method": fog.UKF()}, "P R Q transpose"),
    (test_quadratics.test_several_states, {"method": fog.UKF()}, "R"),
    (test_quadratics.test_one_state, {"alpha": 1e-3}, "R"),
    (test_quadratics.test_one_direction, {}, "R"),
    (test_missing_and_time.test_missing_row_is_no_update, {"method": fog.EKF()}, "missing"),
    (test_missing_and_time.test_silent_sensor_is_no_sensor, {"method": fog.EKF()}, "missing"),
    (test_missing_and_time.test_missing_component_is_a_smaller_measurement, {"method": fog.KF()}, "missing"),
    (test_missing_and_time.test_no_time_predicts_nothing, {"method": fog.EKF()}, "missing"),
    (test_missing_and_time.test_two_half_steps_are_one, {"axes": ("x", "y")}, "missing transpose"),
    (test_missing_and_time.test_time_has_no_origin, {"method": fog.EKF()}, "clock"),
    (test_missing_and_time.test_a_run_cut_in_two_is_the_same_run, {"method": fog.EKF()}, "lag"),
    (test_missing_and_time.test_a_long_run_that_settles_is_the_same_run, {}, "P lag"),
    (test_fusion.test_order_of_fusion_is_free, {}, "fusing"),
    (test_fusion.test_fusing_is_measuring_the_whole_state, {}, "P R"),
    (test_fusion.test_unknown_correlation_is_never_overconfident, {}, "fusing"),
    (test_fusion.test_an_update_never_widens, {}, "P"),
    (test_fusion.test_the_more_certain_weighs_more, {}, "fusing"),
    *[(test_smoother.test_what_is_smoothed_is_exact, {"feature": feature, "method": method}, some)
      for feature, method, some in ((rows, fog.KF(), "P R Q transpose backwards"), (rows, JOSEPH, "backwards"),
                                    (sensors, fog.UKF(alpha=1e-3), "lag"))],
    *[(test_diffuse.test_an_unknown_start_is_generalised_least_squares,
       dict(zip(("seed", "n", "m", "unknown"), test_diffuse.CASES[case], strict=True)) | {"method": method}, some)
      for case, method, some in ((1, fog.KF(), ALL + " directions"), (5, fog.UKF(), "P R lag"),
                                 (6, fog.KF(), "missing"))],
    (test_diffuse.test_on_whole_arrays_too, {"which": 3, "method": fog.KF()}, "P R Q lag directions"),
    (test_diffuse.test_thirteen_dense_states_are_compiled_and_the_limit_of_vast_variances, {}, "P R Q directions"),
    (test_diffuse.test_a_vast_variance_comes_to_the_same_after_the_unknown_rows, {"n": 3}, "directions"),
    (test_diffuse.test_powers_of_two_scale_exactly_with_the_directions, {"method": fog.KF()}, "epsilon"),
    (test_diffuse.test_one_step_by_hand_is_the_row_of_a_run, {}, "lag"),
    *[(test_diffuse.test_fusing_with_what_is_partly_unknown_is_the_limit, {"swap": swap}, "fusing")
      for swap in (False, True)],
    (test_diffuse.test_irregular_rows_of_two_sensors_are_the_limit_of_vast_variances, {}, "P R Q lag directions"),
    (test_diffuse.test_guards_leave_what_is_taken_up_alone, {}, "P R"),
    (test_diffuse.test_a_curve_is_linearised_while_something_is_unknown, {}, "R"),
    *[(test_diffuse_recorded.test_rows_of_kfas, {"name": name}, some)
      for name, some in (("local_linear_trend", "P R Q lag directions"), ("common_level", "P R lag"), ("var1", "lag"))],
    (test_diffuse_recorded.test_the_nile_by_either_convention, {"method": fog.KF()}, "P R Q lag"),
    (test_diffuse_recorded.test_commandeur_and_koopman_at_their_parameters, {}, "P R Q directions"),
    (test_diffuse_recorded.test_a_season_of_twelve_states, {}, "R lag directions"),
    (test_diffuse_recorded.test_structural_models_of_unemployment,
     {"Q": [[0.1182078808]], "R": 4.256647886e-06, "loglik": -70.97242557, "is_trend": False}, "Q lag"),
    (test_diffuse_recorded.test_clark_with_an_unknown_start_is_the_limit_of_vast_ones, {}, "directions"),
    (test_diffuse_recorded.test_statsmodels, {"seasonal": 4}, "P R Q directions"),
    (test_smoother.test_draws_have_the_covariance_of_the_whole_trajectory, {"method": fog.KF(), "arrays": False},
     "backwards draws"),
    (test_smoother.test_permuting_states_permutes_what_is_smoothed, {"method": fog.KF()}, "transpose"),
    (test_smoother.test_powers_of_two_scale_what_is_smoothed_exactly, {"method": fog.KF()}, "epsilon"),
    (test_smoother.test_the_seam_of_an_angle_is_nowhere_backwards, {"method": fog.EKF()}, "wrap"),
    (test_unknown_smoothed.test_smoothing_an_unknown_start_is_the_limit_of_vast_ones,
     dict(zip(("seed", "n", "m", "unknown"), test_unknown_smoothed.CASES[1], strict=True)) | {"method": fog.KF()},
     "R backwards"),
    (test_unknown_smoothed.test_draws_through_the_unknown_rows_are_right_in_spread,
     dict(zip(("seed", "n", "m", "unknown"), test_unknown_smoothed.CASES[1], strict=True)), "draws"),
    (test_structural_smoothed.test_a_structural_model_of_an_unknown_start_is_smoothed_exactly, {"seed": 11},
     "R backwards"),
    (test_smoothed_recorded.test_kfas,
     {"name": "kfas_growth", "file": "results_smoothing2_R.csv", "mean_tol": 5e-9, "det_tol": 1e-5,
      "method": fog.KF()}, "P backwards"),
    (test_smoothed_recorded.test_stata, {"method": fog.KF()}, "lag"),
    (test_smoothed_recorded.test_the_toolbox_of_peng_and_aston,
     {"file": "results_wpi1_missing_ar3_matlab_ssm.csv", "missing": True}, "backwards"),
    (test_smoothed_recorded.test_the_robot, {"method": fog.KF()}, "Q backwards"),
    (test_smoothed_recorded.test_position_error_of_the_smoothed_car_track, {"method": fog.KF()}, "R"),
    (test_smoothed_recorded.test_a_simulation_smoother_without_chance, {}, "R"),
    (test_smoothed_recorded.test_statsmodels_smooths_alike, {"shape": (3, 2), "method": fog.KF()}, "P"),
    (test_smoothed_recorded.test_kfas_smooths_an_unknown_start_alike, {"name": "local_linear_trend"}, "R backwards"),
    (test_smoothed_recorded.test_the_trend_of_the_drivers, {}, "lag"),
    (test_simulated.test_a_simulation_has_the_covariance_of_the_model, {}, "simulated-R simulated-Q"),
    (test_simulate.test_noise_has_the_covariances_of_the_model, {}, "simulated-R simulated-Q"),
    (test_simulate.test_a_filter_with_the_right_model_is_consistent_and_one_with_a_wrong_model_is_not, {},
     "R Q lag simulated-R simulated-Q"),  # 6,000 degrees of freedom do not see P of 1.05: 99,000 would
    *[(check, {"method": fog.UKF()}, "R") for check in (
        test_edges.test_a_guarded_branch_is_used_only_where_the_guard_holds,
        test_edges.test_a_range_has_sigma_points_where_the_mean_is_on_the_sensor)],
    (test_edges.test_numeric_derivatives_know_where_the_circle_closes, {}, "wrap"),
    (test_edges.test_a_state_angle_is_reported_inside_the_circle_from_the_first_row, {}, "wrap"),
    (test_exact.test_every_output_of_a_run_is_exact, {"case": test_exact.CASES[0], "predict_first": True}, ALL),
    *[(test_exact.test_every_method_is_exact_on_a_linear_model, {"case": test_exact.CASES[1], "method": method}, some)
      for method, some in ((fog.KF(), ALL), (POINTS, "P R"))],
    (test_exact.test_chained_calls_are_exact, {}, "P R Q transpose"),
    *[(test_forms.test_every_method_and_form_is_the_kalman_filter,
       {"method": method, "answer": test_forms.expected()}, some)
      for method, some in ((JOSEPH, ALL), (TEXTBOOK, "P R"), (fog.CKF(), "P Q"))],
    (test_peers.test_statsmodels, {"shape": (3, 2), "method": fog.KF()}, ALL),
    (test_peers.test_filterpy, {"shape": (2, 4), "method": POINTS}, "P R lag"),
    *[(test_recorded.test_published_numbers, {"name": name, "method": fog.KF()}, some)
      for name, some in (("robot", ALL), ("kfas_growth", "P lag"))],
    (test_recorded.test_a_start_before_the_first_row_is_an_empty_first_row, {"name": "robot"}, "P Q"),
    (test_recorded.test_three_sensors_are_three_updates, {"name": "kfas_growth"}, "P lag"),
    (test_recorded.test_position_error_of_the_car_track, {}, "P R"),
    (test_closed_forms.test_alpha_beta_filter, {}, "P R Q transpose"),
    (test_closed_forms.test_golden_ratio, {}, "P R Q"),
    (test_closed_forms.test_near_singular_measurement, {}, "P R"),
    (test_closed_forms.test_huge_prior, {}, "P R"),
    (test_closed_forms.test_end_point_of_a_straight_line, {}, "P R transpose"),
    (test_curved.test_iterated_update_finds_the_most_probable_state, {}, "R"),
    (test_curved.test_extended_update_is_the_linear_one_at_the_mean, {}, "P R"),
    (test_curved.test_sigma_point_update_is_the_textbook_one, {"alpha": 1.0, "beta": 2.0, "kappa": 0.0}, "P R"),
    (test_curved.test_unscented_moments_of_a_square_are_exact, {"alpha": 1e-3}, "spread"),
    (test_curved.test_unscented_mean_of_products_is_exact, {}, "spread"),
    (test_curved.test_polar_to_cartesian, {}, "spread"),
    (test_laser_and_radar.test_turning_ukf_is_within_the_rubric, {}, "P R Q lag wrap"),
    (test_laser_and_radar.test_first_rows_measurement_counts_when_it_is_given, {}, "P"),
    (test_laser_and_radar.test_ekf_gives_the_published_errors, {"chosen": "LR"}, ALL + " wrap"),
    (test_laser_and_radar.test_every_form_of_the_ekf_gives_them, {"form": "joseph"}, "P wrap"),
    (test_real_logs.test_walkers_foretold_and_followed, {"scene": "crowds_zara01"}, "P R Q lag"),
    (test_real_logs.test_laser_and_radar_are_within_the_rubric, {}, "P R Q wrap"),
    (test_real_logs.test_holes_are_bridged, {}, "missing"),
]  # fmt: skip


def cases() -> list[Any]:
    """Each check with each of its defects; always with one of them, in turn."""
    found = []
    for turn, (check, given, defects) in enumerate(CHECKS):
        every = defects.split()
        for k, defect in enumerate(every):
            marks = () if k == turn % len(every) else (pytest.mark.campaign,)
            found.append(pytest.param(check, given, defect, id=f"{check.__name__}-{defect}", marks=marks))
    return found


def test_every_defect_is_always_planted() -> None:
    assert {case.values[2] for case in cases() if not case.marks} == planted.DEFECTS.keys()


@pytest.mark.parametrize("check, given, defect", cases())
def test_a_planted_defect_is_found(
    check: Callable[..., None], given: dict[str, Any], defect: str, request: pytest.FixtureRequest
) -> None:
    wanted = [name for name in inspect.signature(check).parameters if name not in given]
    fixtures = {name: request.getfixturevalue(name) for name in wanted}
    with pytest.MonkeyPatch.context() as patch:
        planted.plant(defect, patch)
        forget()
        try:
            with pytest.raises(AssertionError):
                check(**given, **fixtures)
        finally:
            forget()


def forget() -> None:
    """What tests keep of earlier runs."""
    for kept in (test_dense.stated, test_symmetry.in_plain_units, test_sensors.kalman):
        kept.cache_clear()


# Files whose planted defects stand in a test of their own, and that test.
OWN = {
    "agreement/test_array_bits.py": "test_another_order_of_a_sum_is_noticed",
    "agreement/test_gradient_bits.py": "test_a_tangent_that_is_left_out_is_noticed",
    "agreement/test_quadrature.py": "test_a_defect_moves_the_figures",
    "agreement/test_reference_set.py": "test_a_defect_in_one_model_is_found",
    "agreement/test_rotations.py": "test_a_covariance_that_is_left_in_the_old_tangent_is_noticed",
    "agreement/test_same_bits.py": "test_one_unit_in_the_last_place_is_noticed",
    "agreement/test_arima_peers.py": "test_a_coefficient_that_is_off_by_1e_6_is_noticed",
    "agreement/test_arima_recorded.py": "test_a_start_that_is_not_stationary_is_noticed",
    "agreement/test_structural_peers.py": "test_a_standard_deviation_that_is_off_by_1e_6_is_noticed",
    "agreement/test_structural_recorded.py": "test_a_variance_that_is_off_by_1e_4_is_noticed",
    "agreement/test_tuned.py": "test_the_wrong_noise_held_fixed_is_not_the_maximum",
    "laws/test_adaptive_noise.py": "test_a_scale_that_forgets_the_state_is_noticed",
    "laws/test_check.py": "test_wrongly_normalised_innovations_hide_a_fault",
    "laws/test_em.py": "test_a_forgotten_term_is_noticed",
    "laws/test_exact_measurements.py": "test_without_the_floor_rounding_would_be_taken_for_a_measurement",
    "laws/test_faulty_sensor.py": "test_a_missing_factor_of_the_density_is_noticed",
    "laws/test_flights.py": "test_sensors_that_claim_too_much_are_noticed",
    "laws/test_guards.py": "test_a_gate_that_does_not_work_is_noticed",
    "laws/test_late.py": "test_a_carry_from_the_wrong_side_of_a_stamp_would_be_noticed",
    "laws/test_time.py": "test_a_time_that_is_wrong_is_noticed",
    "laws/test_long_runs.py": "test_a_covariance_that_is_off_is_noticed",
    "agreement/test_smoothed_curved.py": "test_one_textbook_is_not_the_other",
    "agreement/test_smoother_bits.py": "test_one_unit_in_the_last_place_is_noticed",
    "laws/test_smoother_torture.py": "test_an_explicit_gain_fails_there",
    "laws/test_stiff_noise.py": "test_a_missing_term_is_noticed",
    "laws/test_torture.py": "test_the_covariance_form_fails_here",
    "laws/test_torture_float32.py": "test_the_covariance_form_fails_here",
}
# What is compared with itself, to the bit, or is refused or flagged: no defect above has a say in it.
OTHER = {
    "agreement/test_array_smoother.py": "bits, and numbers against the equations on scalars",
    "agreement/test_thread_bits.py": "bits of any number of threads against those of one",
    "agreement/test_checked_logs.py": "verdicts on wrong models, each with what it must say",
    "agreement/test_checked_recordings.py": "verdicts on recorded logs, each with what it must say",
    "agreement/test_steady.py": "bits; a memo that lies is noticed in test_same_bits.py",
    "agreement/test_guarded_beacons.py": "guards of other kinds, each with the figure that it misses",
    "agreement/test_simulated_examples.py": "wrong models, each with the figure that it misses, and bits",
    "agreement/test_tuned_from_anywhere.py": "maxima against those of a search of another kind",
    "laws/test_check_short_tracks.py": "verdicts on healthy logs, and rates of false alarms",
    "laws/test_explanations.py": "planted faults of sensors, each with what must be said",
    "laws/test_faulty_readings.py": "planted faults of readings, each with what must be said",
    "laws/test_advice_campaign.py": "planted faults of all kinds, each with what must be said",
    "laws/test_hidden_causes.py": "planted causes, each with what must be said",
    "agreement/test_array_smoother_bits.py": "bits",
    "agreement/test_table_bits.py": "bits",
    "agreement/test_gradient_on_arrays.py": "bits, and gradients against derivatives of their own likelihood",
    "laws/test_onsets.py": "planted steps, each with what must be said",
    "laws/test_divergence.py": "verdicts on filters that diverge, and on healthy ones",
    "laws/test_far_points.py": "no filter runs: moments against 60 digits",
    "laws/test_planted.py": "this",
    "laws/test_recovery.py": "rows and widths against the definition",
    "laws/test_student.py": "weights against the definition",
    "test_so_it_is_on_whole_arrays": "that the feature is on",
    "test_two_thousand_structural_models": "as test_a_structural_model_of_an_unknown_start_is_smoothed_exactly",
    "test_every_door_is_tried_with_every_method": "counts",
    "test_the_best_gain_is_the_one_of_the_true_model": "of the reference alone",
    "test_without_its_log_a_script_says_so_and_ends_well": "words",
    "test_a_script_runs_as_the_page_says": "words",
    "test_a_battery_has_the_same_charge_on_every_backend": "bits",
    "test_the_first_rows_of_many_short_tracks_are_compiled": "a count",
    "test_what_a_script_says": "words; the figures in them are asserted in tests of their own",
    "test_the_robot_is_found_with_the_bias_estimated": "as test_what_helps_the_robot_and_how_much",
    "test_what_helps_the_robot_and_how_much": "wrong models, each with the figure that it misses",
    "test_the_likelihood_alone_reads_the_wheels_right": "wrong models, each with the figure that it misses",
    "test_nothing_looks_ahead": "a run against itself",
    "test_repeats_are_no_news": "a run with the repeats kept is the defect",
    "test_ranges_and_doppler_agree_on_who_leaves": "signs",
    "test_names_of_states_are_labels": "bits",
    "test_the_first_phase_ends_in_the_bits_of_the_second": "bits",
    "test_so_it_does_on_whole_arrays": "bits",
    "test_an_absorbed_reading_determines_one_direction": "a count",
    "test_eight_hundred_models": "a count",
    "test_nothing_known_is_every_state_unknown": "a run against itself",
    "test_unknown_states_in_other_units_shift_the_likelihood_by_their_scale": "a run against itself",
    "test_what_is_never_seen_is_never_known": "a count",
    "test_a_measurement_that_says_it_again_is_not_taken_up_twice": "a count",
    "test_draws_without_chance_are_the_smoothed_means": "bits",
    "test_the_last_row_is_the_filters_and_equal_stamps_are_one": "bits",
    "test_tracks_that_learn_at_different_rows_are_smoothed_as_one_by_one": "bits",
    "test_smoothing_never_widens": "an inequality",
    "test_the_ninth_digit_of_kfas_is_rounding": "as test_kfas",
    "test_a_dozen_unknown_states_are_smoothed_as_statsmodels_does": "as test_kfas_smooths_an_unknown_start_alike",
    "test_units_and_order_of_unknown_states_are_free": "a smoother against itself",
    "test_what_no_reading_tells_stays_unknown_and_no_more_than_that": "a smoother against itself",
    "test_an_unknown_start_is_smoothed_by_the_equations_too": "a smoother against itself",
    "test_ekf_is_the_kf_to_the_bit": "bits",
    "test_tracks_side_by_side_are_tracks_one_by_one": "bits",
    "test_unlike_units_are_noticed": "a planted defect",
    "test_another_motion_is_noticed": "a planted defect",
    "test_the_first_taylor_term_is_noticed": "a planted defect",
    "test_a_wrong_noise_settles_elsewhere": "a planted defect",
    "test_every_method_follows_the_turning_target": "an inequality",
    "test_a_bearing_is_uncertain_where_the_mean_is_on_the_sensor": "an inequality",
    "test_a_measurement_noise_accepted_at_birth_is_not_refused_in_the_step": "a refusal",
    "test_a_process_noise_of_low_rank_is_a_covariance_at_every_dt": "a refusal",
    "test_the_teaching_forms_refuse_an_indefinite_measurement_noise_too": "a refusal",
    "test_a_negative_variance_in_factored_noise_is_refused": "a refusal",
    "test_a_refused_update_leaves_no_innovation": "a refusal",
    "test_so_are_many_states": "as test_what_is_stated_is_exact, on whole arrays",
    "test_the_reference_path_flags_where_the_compiled_one_does": "statuses",
    "test_steady_state_is_newtons": "no filter runs: test_a_wrong_noise_settles_elsewhere",
    "test_mathworks_example": "as test_alpha_beta_filter",
    "test_octave_riccati": "no filter runs: test_a_wrong_noise_settles_elsewhere",
}


def test_no_acceptance_test_is_without_a_defect() -> None:
    """Every test of the laws and of agreement is in the table, or has planted defects of its own, or needs none."""
    shown = {check.__name__ for check, _, _ in CHECKS}
    shown |= {"test_what_is_stated_is_exact", "test_what_is_stated_is_true"}
    folder = Path(__file__).parents[1]
    found: dict[str, list[str]] = {}
    for file in sorted([*folder.glob("laws/test_*.py"), *folder.glob("agreement/test_*.py")]):
        tree = ast.parse(file.read_text())
        names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
        found[str(file.relative_to(folder))] = [name for name in names if name.startswith("test_")]
    without = {
        f"{file}::{name}"
        for file, names in found.items()
        if file not in OWN and file not in OTHER
        for name in names
        if name not in shown and name not in OTHER
    }
    assert not without, f"enter them in CHECKS, or say in OTHER why not: {sorted(without)}"
    for file, name in OWN.items():
        assert name in found[file], file
    assert sum(map(len, found.values())) > 90
