"""What everybody does, in Firefox: tests of the other modules, on the browser of this folder.

Left out is what cannot be told a Firefox yet: touch, time zones, less motion, the window that has the focus.
"""

from tests.pages.test_coming_in import (
    test_a_nickname_and_one_click_lead_into_the_lobby,
    test_a_taken_nickname_says_so_and_its_suggestion_works_by_one_click,
    test_who_signs_out_is_out_in_all_tabs,
)
from tests.pages.test_files import (
    test_a_film_has_its_box_before_it_is_loaded_and_plays_in_place,
    test_a_sound_plays_in_place_from_anywhere,
    test_an_upload_that_breaks_says_so_and_is_tried_again,
    test_hostile_names_are_names,
    test_sending_never_waits_for_an_upload_and_the_order_stays,
)
from tests.pages.test_history import (
    test_a_room_opens_at_the_first_unread_message_under_a_line,
    test_messages_that_come_while_one_reads_back_move_nothing_and_are_counted,
    test_what_changes_above_and_below_moves_nothing,
)
from tests.pages.test_message_actions import (
    test_a_copied_link_opens_the_room_at_the_message,
    test_a_deleted_message_leaves_a_trace_and_its_author_can_restore_it,
    test_an_edit_reaches_everyone_and_is_marked,
    test_pinned_messages_are_marked_until_they_are_unpinned,
    test_reactions_are_counted_and_taken_back,
)
from tests.pages.test_outages import (
    test_a_killed_server_that_comes_back_loses_and_doubles_nothing,
    test_the_outbox_survives_closing_the_tab,
    test_two_tabs_send_what_waited_once,
    test_what_is_written_offline_waits_and_goes_out_once_in_order,
    test_where_no_socket_opens_messages_go_and_come_by_polling,
)
from tests.pages.test_search import test_what_was_said_is_found_and_one_goes_there
from tests.pages.test_talking import (
    test_coming_and_going_is_told,
    test_markup_is_shown_as_markup,
    test_messages_in_a_row_are_grouped_under_one_name,
    test_nothing_moves_when_a_message_turns_from_sending_to_sent,
    test_someone_typing_is_told_until_they_have_spoken,
    test_strangers_come_into_the_lobby_see_each_other_and_talk,
    test_two_tabs_of_one_person_are_one_person_online,
)
from tests.pages.test_writing import (
    test_a_draft_survives_reload_belongs_to_its_room_and_shows_in_the_sidebar,
    test_arrow_up_edits_the_last_message_and_escape_cancels,
    test_at_completes_a_name_and_enter_then_chooses_instead_of_sending,
    test_enter_sends_and_shift_enter_breaks_the_line,
    test_one_writes_on_where_completion_cannot_be_had_and_has_it_once_it_can,
    test_what_is_put_into_the_box_is_undone_like_what_is_typed,
)
