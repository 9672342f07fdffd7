"""What people answer about their visits in English: that they come, want another time, can't come, will be late.
See ``visits``."""

from __future__ import annotations

from typing import Final

from engage.domain.replies.reading import DIRECT
from engage.domain.replies.rules import Rule

CONFIRM: Final = (
    Rule(
        "Says that they will come.",
        DIRECT,
        """
        (?<!not)(?<!you) (i|we) (do|can|will|would like to|am here to|hereby|want to|wanted to|would like|like to|just want to|just wanted to){0,2} confirm (>|my|our|the|for|both|that|tomorrow|BOOKED|DAY|PLEASE|attendance|i|we|coming|NUM|and)
        < (SEP|POLITE|yes|just|want to|wanted to|like to|would like to|i would like to|need to|to|this is NAME|this is|it is|NAME|am|i|we|are){0,6} (confirm|confirming|confirmed) (>|my|our|the|for|both|that|tomorrow|BOOKED|DAY|PLEASE|attendance|i|we|NUM|and|me|your|it)
        (please)? confirm me
        (consider|count|mark|put) (it|me|us) (as|down as)? confirmed
        (BOOKED|it|both|all|time) (is|are)? confirmed (?!ASKED)
        (confirmed) (POLITE|SEP|for|see){0,3} (>|NUM|DAY|you)
        (?<!not)(?<!to)(?<!can)(?<!can i)(?<!i)(?<!did) (see|c) you (all|guys|both|doc|dr|doctor|NAME|SEP|soon){0,2} (then|there|soon|DAY|tomorrow|at|in the (morning|afternoon|evening)|next|on|around|NUM|this|bright|POLITE >|>)
        (?<!not)(?<!will)(?<!if) (i will|ill|we will|well|< will|yes will|i am going to|i shall|i would|plan to|planning to|intend to|expect to|planning on|plan on|we plan to|i can|we can|i|we|can) (definitely|still|also|all|surely|certainly|gladly|absolutely|both|being|be able to|for sure|happily){0,2} (be|being) (there|at (my|the|our) BOOKED|coming|in attendance|present|attending|here (at|for|tomorrow))(?! (late|around|by|closer|in (NUM|a|CLOCK|about|like)|soon|CLOCK|NUM|about))
        << (SEP|POLITE|yes|yep|yeah){0,3} be there (>|POLITE|at|DAY|tomorrow|on time|for sure)
        be there on time
        (?<!not)(?<!who) (i am|we are|< am|yes am) (still|definitely|also|all|both|planning on|planning to){0,2} (coming|attending|still on)(?! (in late|down|out|from|up|off|late|along|home|back|to an|over my))
        (?<!so)(?<!not)(?<!if)(?<!do you think) (i|we) (can|will|should be able to|am able to|are able to|definitely can) (still|definitely|both|also|all){0,2} (make (it|that|my BOOKED|the (NUM|BOOKED time)|our BOOKED|tomorrow|this)|come|attend|do (that|the) (time|day)|keep (it|my BOOKED|the BOOKED|that))(?! (up|out|online|back|home|over|stop|hurt|work|early|earlier|later|late|DAY instead|at|on|in|NUM|to|by|after|around|CLOCK|if|when|for|with|and|instead|from))
        (?<!not)(?<!if)(?<!wish) (i|we) (can|will) (still|definitely)? (come|make it|attend) (DAY|tomorrow|today|at (NUM|CLOCK)|on DAY|in at|on time|PLEASE|then|for sure)(?! (instead|better|or))
        (ill|will) (come|make it|attend) (>|DAY|tomorrow|today|PLEASE)
        (am|is|are) able to (make it|come|attend)
        so (i|we) can (come|make it)
        (?<!not)(?<!you)(?<!guys) (plan|planning) (on|to) (coming|come|attend|attending|make it|be there|being there|making it)(?! (up|over|out|back|home))
        count (me|us) in
        count on me
        (i am|im|we are|am|are|i) (in|good|set|all set|all good|ready|still good|still on|on|still set|good to go) (for|on for) (BOOKED|DAY|tomorrow|today|NUM|CLOCK|then|the|my|it|that|our|this)
        (?<!is)(?<!am)(?<!are) (we are|we|were|am|still|all) (still)? (on|good|set) for (DAY|tomorrow|today|NUM|CLOCK|the|my|our|BOOKED)(?! _{0,3} ASKED)
        (all good|all set|good) for (tomorrow|today|DAY)
        (?<!not) (that|this|that time|this time|the time|that day|that date) (works|is (good|fine|perfect|great) for (me|us)|will work|still works) (>|for (me|us)|PLEASE|great|well|perfectly|fine)
        (it|time|day|date) (still|all)? (works|will work) (for|with) (me|us|my)
        << works (for me|for us|great|perfectly|well|perfect)
        looking forward to (it|seeing|my BOOKED|the BOOKED|tomorrow|our BOOKED|this)
        looking forward >
        not (forgotten|forgot) (SEP)? (see|i will|ill|my BOOKED|about)
        (would|will) not miss (it|this|my BOOKED)
        (?<!not)(?<!you) (keep|keeping) (my|the|our|that|me on the|this|it) (BOOKED|schedule|calendar|time|slot)(?! (open|free|at))
        got (the|your|my|it) (reminder|message|text) (and|SEP) (i will|ill|will|see|confirmed|confirming)
        """,
    ),
)

RESCHEDULE: Final = (
    Rule(
        "Asks for another time.",
        DIRECT,
        """
        (?<!did) (reschedule|rescheduling|rebook|rebooking)
        re (schedule|book)
        (postpone|postponing)
        (move|change|reschedule|switch) (the|my) ORDINAL
        < another one (>|then|instead)
        (moving|changing|switching|pushing|rescheduling) (my|the|our|this|that|it){1,2} _{0,2} (BOOKED|time|date|day|to)
        (change|move|switch|swap|shift|push|bump|adjust|transfer|slide|delay|modify) (back|up|out)? (of|my|the|our|this|that|todays|his|her|NAME|your|both|next|tomorrows){0,3} (DAY|upcoming|next|NUM|CLOCK|first|second|pm|am|oclock|weekly|follow up|UNKNOWN){0,3} (BOOKED|time|times|date|dates|day|hour|PART)
        (move|switch|push|change|bump|shift|swap|moving|pushing|slide|put|fit|squeeze|postpone) (it|this|that|me|us|him|her|mine|one|things) (to|back|up|out|into|from|later|earlier|till|until|in|over|for|down|by){1,3} (a|an|the|this|next|another|some|any|my|same|about|sometime|or){0,3} (NUM|CLOCK|DAY|PART|MONTH|next|another|later|earlier|different|half|one|hour|>|pm|PLEASE)
        (move|change|switch|push|bump|reschedule|shift) (it|this|that|me|mine) (>|PLEASE|please|if|somehow|maybe|around)
        (move|change|switch|push|bump|swap|pushing|moving|shift) (my|the|our|todays)? (NUM|CLOCK|DAY|UNKNOWN){1,2} (oclock|pm|am|to|for|with|till|until|one|appt|back)
        (switch|change|swap|move|moved|switched|changed) (to|for|from) (a|an|the|my|next|another|this|different|later|earlier){0,3} (DAY|PART|NUM|MONTH|time|slot|day|week|CLOCK (pm|am|oclock|>)|afternoon|morning|monday)
        (switch|swap|trade) (days|times|slots|appointments|dates|day|time)
        (push|move|bump|pushed) (it|me|us|my BOOKED|the BOOKED)? (back|up|forward|later) (NUM|CLOCK|a|an|by|to|the|half|one|some|until|till|please|PLEASE|>)
        (move|moved|put|place|add|book|get|give|squeeze|fit) (me|us) (to|on|for|in|down|at|into|in for|in on){1,2} (NUM|DAY|next|another|the (NUM|next|later|earlier|CLOCK|ORDINAL|morning|afternoon)|later|earlier|a (later|different|earlier|new)|PART|MONTH|tomorrow|this|CLOCK)(?! (list|LIST|waitlist|phone|do not))
        (any|some|no) other (times|time|day|days|dates|slots|openings)
        other (times|dates|days|slots) (available|open|do|that|for)
        (?<!the)(?<!for) (another|different|new|better|later|earlier|alternate|alternative|sooner) (BOOKED)? (time|times|day|days|date|dates|slot|slots|appointment|appt|appointments|opening|week|openings|spot)(?! (it|i|they|was|has|when))
        (?<!not) ((?<!time) (can|could|may|might|would|will) (i|we|you|it)|possible|love|prefer|rather|like|want|hoping|able|wondering|way|chance|(ok|okay|alright|fine) (if|to)) (i|we|you|to|me|if|please|just|that|for me|us|be able|it be (ok|possible)|for us|get|still|possibly|maybe|could|can){0,5} (do|come|come in|make it|be seen|meet|get in|go|try|have|come by|be|get|take|see me|schedule) (on|at|for|in|around|over|it|to|by|the|a|an|this|something|my|closer to|like|more like|mine|me|us){0,3} (NUM|CLOCK|DAY|PART|MONTH|later|earlier|another|next|weekend|sooner|the following) (pm|am|oclock|afternoon|morning|evening|in the (day|morning|afternoon|week)|week|on|that day|PLEASE|day|today|or|time|month|is|SEP){0,3} (instead|>|better|rather|if possible|works|work|would|of|please|maybe|either)
        (instead|rather than|in place) of (DAY|today|tomorrow|NUM|CLOCK|my BOOKED)
        (NUM|DAY|PART|CLOCK|week|month|MONTH) (pm|am|afternoon|morning|evening|POLITE|at|NUM|SEP|CLOCK|in the){0,3} instead
        (how|what) about (the|on|at|for|this|next|a|maybe|sometime|something|coming in|we do|we try){0,3} (DAY|NUM|CLOCK|PART|MONTH|next|later|earlier|another|weekend|tomorrow|week) (>|instead|at|PLEASE|pm|am|morning|afternoon|week|day|evening|or|time|in the|then|work)
        (do|would|does|will|got|have) (you|yall|the doctor|the clinic|there be) (guys|have|still|possibly|happen to have|got|be){0,3} (any|anything|something|an|a|some){0,2} (open|available|opening|openings|availability|times|slots|time|slot|spots|spot|later|earlier|sooner|other|appointments|appointment|DAY|on (DAY|the|NUM)|for (DAY|next|this)|next week|NUM|CLOCK|in the (morning|afternoon|evening)|this week|another day|after NUM|before NUM|that day)(?! (limit|clock|zone|pills|kids|locations|doctors|people|visits))
        is there (a|an|any|anything|something|another|also){0,2} (open|available|opening|openings|availability|time|times|slot|slots|later|earlier|sooner|spot|spots)(?! (limit|clock|zone))
        (is|are) (DAY|PART|NUM|next week|CLOCK|the NUM|the CLOCK|MONTH) (at|NUM|pm|am|PART|still|week|CLOCK){0,3} (open|available|possible|free|an option|ok|okay|instead)
        something (earlier|later|sooner|else) (available|open|in the|on|that)
        (anything|any openings|any slots|any times|any availability|openings|any appointments) (open|available|else)? (earlier|later|sooner|on|for (DAY|next|this)|next|DAY|this|in the|tomorrow|available|open|after|before|that day)
        (what|which) (other)? (times|time|days|dates|slots|day|appointments|openings) (else)? (do|are|can|is|would|could|works|work) (you|i|there|for you|open|available|we|have){1,3} (have|available|open|do|come|come in|else|>|next|this|left|for)
        (when|what) (is|are) (the|your) (next|first|soonest|earliest) (available|opening|appointment|time|availability|slot|one|open)
        < POLITE{0,2} next available
        when else
        (DAY|tomorrow|NUM|that (time|day)|time|date|day|week) (pm|am|oclock|time|day|one|BOOKED|is|morning|afternoon){0,2} (does|will|do|is) not (work|working|good|going to work|work out) (for|with|anymore|any more|now|today|>|SEP|after all|me|so|because|at)
        (this|it) (does|is|will) not (work|working) (for|with) (my schedule|me (anymore|any more))
        (NUM|CLOCK|it|that|time|this) (pm|am|is|will be|would be){0,2} too (early|late|soon)
        too (early|late) for me
        (?<!good) (DAY|week|PART|NUM (pm|am)|next week|MONTH|weekend) (at|NUM|pm|am|afternoon|morning|or|CLOCK){0,2} (would be|works|is|might be|will be|work|would work|would)? (much|a lot|even)? better
        (rather|prefer|(like|love|want) to (come|do|go|have|be seen|get)) (to)? (come|do|go|have|be seen|get)? (in|it|on|for|at|a|an|the){0,2} (DAY|later|earlier|another|different|next|PART|afternoon|afternoons|mornings|morning|evening)
        (want|need|prefer|like|get|have) (a|an|the|my|to have|to get){1,2} (earlier|later|sooner|morning|afternoon|evening|weekend|different|new) (one|time|appointment|appt|slot|session|visit|BOOKED|hour|date|day|>)
        (let us|lets|can we|could we|let me|shall we|we could|may we|should we) (just|please)? (do|try|make it|shoot for|aim for|go with|plan for|set it for|push for) (it|for|the|on)? (NUM|DAY|next|another|a different|later|earlier|the week after|the following|CLOCK|MONTH|PART) (>|pm|am|instead|oclock|then|if|week|day|time|or|afternoon|morning|PLEASE|please|at|NUM|in the)(?! (minute|minutes))
        come (in)? (CLOCK|NUM|an|a|half|an hour|later|earlier|half an|a bit|a little) (minutes|hour|hours|hour|later|earlier|bit|little|min){0,2} (later|earlier)
        (start|begin) (CLOCK|NUM|a little|a bit|an hour|half an hour) (minutes|hour|min)? (later|earlier)
        (can|could|may) (i|we) come (in)? (earlier|later|sooner|another)
        (find|pick|set up|look at|get|choose|schedule|work out) (a|an|another|us|me) (another|new|different|better|other)? (time|day|date|slot)
        (take|remove) me off _{1,3} and (put|give|add|move) me
        (give|get) me (the|a|an) (NUM|CLOCK|later|earlier|different|new|DAY)
        (cancel|remove) (SEP|_){0,6} (rebook|text me (new|a new|another) (time|times)|(find|give) me (another|new))
        (come|go) DAY instead
        not interested in DAY SEP? how about DAY
        (?<!for) (< no SEP? DAY) (is|would be)? better
        forget it (SEP)? (i will|ill) come DAY
        """,
    ),
)

CANCEL: Final = (
    Rule(
        "Asks to cancel a visit, or says that they will not come.",
        DIRECT,
        """
        (cancel|cancelling|cancelled|cancellation) (of|for|on|out)? (POLITE|my|the|our|this|that|all|both|his|her|NAME|todays|tomorrows|all my|todays|your|next|me|us|from){0,4} (next|upcoming|first|second|UNKNOWN|physical|NUM|am|pm|oclock|CLOCK|DAY|MONTH|ORDINAL|weekly|thursdays){0,3} (BOOKED|DAY|PART|NUM|ORDINAL|schedule|one)
        (cancel|cancelling) (POLITE|for|on|my|me|it|this|that|us|the|both|of|them|SEP){0,4} (DAY|NUM|CLOCK|both|MONTH|appointment|next|this (week|one|morning|afternoon)|sick|the rest|ORDINAL|two|me|it|that|this|mine|him|her|my (son|daughter|husband|wife|mom|kid)|PART|and)
        (need|want|have|must|like|going|gotta|will|i will|ill|going to have|forced|got|would like|wish|hate|can|could|may|please|should|may have|might have|decided|how (do|can|would|to)|better|wanted|ahead and|calling|writing|texting|sorry|unfortunately) (to|have to|i|we|you|u|like to|need to|just|please|POLITE|ask you|need|now|someone){0,4} (cancel|cancelling) (>|SEP|PLEASE|for|my|the|it|this|me|today|and|because|due|our|DAY|us|that|out|on|both|so|again|as|with|since|NUM|too|i|but|a|an)
        (i am|am|we are|i|we|so|<) (unfortunately|sadly|now|calling to|POLITE)? (cancelling|cancel) (>|for|my|the|our|it|today|DAY|tomorrow|this|on|due|because|both|out|NUM|PLEASE)
        < POLITE{0,3} (cancel|cancelling) POLITE{0,2} SEP (I|sick|my|flu|covid|have|got|the|we|something|no|can|kid)
        (BOOKED|it|DAY|NUM|visit) (be|is|needs to be|to be|has to be|should be)? cancelled PLEASE{0,2} >
        (call|calling|called) off (my|the|tomorrow|today|DAY|our|this)
        (take|drop|pull|scratch|get) (me|us|NAME|my name) (off|from|out of) (of)? (the|my|our|this|that|todays|tomorrows|your){0,2} (schedule|calendar|books|book|NUM|CLOCK|ORDINAL|DAY|UNKNOWN){0,2} (BOOKED|schedule|calendar|books|DAY|NUM)(?! (and (put|give|add|move) me|LIST|reminder|reminders|MSGS))
        (remove|delete|strike|erase) (me|us|my name|NAME)? (from|off|out of|on)? (the|my|our|this|that|of|todays|tomorrows|your|all|both){0,3} (schedule|calendar|books|book|UNKNOWN|NUM|ORDINAL|DAY|next|duplicate|CLOCK|am|pm){0,3} (BOOKED|schedule|calendar|books|DAY|NUM|MONTH)(?! (and (put|give|add|move) me|LIST|reminder|reminders|MSGS))
        (?<!you) (can|could|will|may|might|would|is|are|am) not (be)? (able|going|gonna|likely|possibly|actually|even|think|really|be|going to be|to|now|today){0,4} (to)? (make|making) (it|my|the|our|tomorrow|today|this|that|NUM|DAY|todays|any|CLOCK|for|BOOKED)(?! (stop|hurt|work|on time|by|until|till|before|right|to work|for another|better|worse|any better|a|feel|go away|at NUM SEP))
        not going to (come|attend|be there|make it|go >)
        do not (plan|plan on|intend|expect) (to|on)? (come|coming|attend|attending|be there|make it|being there|go|making it)
        wish (i|we) could (come|make it|be there|go|attend)
        (?<!you) (can|could|will|may|might|would|am|are|is) not (be|even|going to be|able to|going to|able|able to be|be able to|plan to|planning to|planning on|possibly|now){0,2} (come|coming|attend|attending|be there|be coming|be in|in today|be at|come in|get there|getting there|go (>|to (my|the|our) BOOKED|DAY|on DAY|today|tomorrow|in)|keep (my|the|our|it|this|that|today)|show up|be here|be showing|being there|do (DAY|today|tomorrow|it (today|tomorrow|DAY)|NUM|my BOOKED|CLOCK|that (day|time)|this (week|time|one|month)|the (NUM|CLOCK|appointment|time|ORDINAL)|next|it >)|free|available)(?! (on time|until|till|by NUM|by CLOCK|before|instead|the way|back|from|home|over|out|near|to (meet|you|your|see|play|earth|work)))
        (unable|not able|impossible|no way) (to|for me to|i can|i will|for me) (be able to)? (make (it|my|the|tomorrow|today|this|that|our)|come|attend|keep|be there|get there|be in|go|get in|do (it|tomorrow|today|DAY|NUM)|join)
        not (coming|attending|showing up|making it) (>|today|tomorrow|DAY|in|to (my|the|our) BOOKED|PLEASE|this|because|so|anymore|any more|for my|again)
        (am|are) not going (>|today|tomorrow|DAY|to (my|the|our) BOOKED|anymore)
        (will|ill|have to|going to|need to|must|i may|might|gotta|may|should|forced to) (have to|need to|be|probably|likely|sadly|unfortunately){0,2} (miss|missing|skip|skipping|pass on|pass|back out of|bow out|drop) ((my|the|our) (BOOKED|NUM|DAY|ORDINAL|UNKNOWN BOOKED)|this|today|tomorrow|DAY|on (this|DAY|tomorrow|the BOOKED|my BOOKED)|todays|tomorrows|it|week|next|NUM)
        < POLITE{0,3} (skip|pass on|skipping|missing) (my|the|our|this|today|tomorrow|DAY|todays|next) _{0,2} PLEASE? >
        (doubt|do not think|not sure|do not believe|not think|unlikely|afraid|probably not|do not see) (that)? (i|we|he|she)? (can|will|could|would be able to|will be able to|am able to|able to|going to|am going to|be able to|not){0,2} (make|come|making|coming|be there|attend|get there|go|be in)(?! (to the|back|stop|better|worse))
        (no longer|not|not longer|never) (want|need|needing|require|wanting) (to come|to attend|the BOOKED|my BOOKED|this BOOKED|that BOOKED|our BOOKED|the UNKNOWN BOOKED|to go|to keep|tomorrows|todays|an BOOKED|a BOOKED|any BOOKED)(?! MSGS)
        (will|would) not (need|want|require) (my|the|this|that|an|our) (BOOKED|DAY|slot|NUM)
        no show
        (i|we) (am|are|will|can)? not (available|free) (on|for|tomorrow|today|DAY|at|>)
        (no ride|no car|no sitter|no babysitter|no childcare) (SEP|_){0,3} (not|cancel)
        something (has)? (came|come) up (>|SEP|so|and|at (work|home)|i|last|today|with my (family|kid|work))
        i cancel (my|the|our)
        """,
    ),
)

LATE: Final = (
    Rule(
        "Says that they will be late.",
        DIRECT,
        """
        << (SEP|POLITE|am|i|CLOCK|NUM|min|mins|minutes|a|bit|little|few|m|few|tad|slightly|ten|quarter|hour|half|an|about|maybe|or so|uh|oh no|but|on my way|NAME|its|is){0,8} late (SEP|POLITE|sorry|apologies|on my way|almost there|see you|be there|parking|traffic|my bad|today|bus|train|coming|but|there|in|soon|so|because|of|very|my){0,6} >>
        SEP (SEP|be|sorry|so|will|ill|i|am|very|bit|a|little|running|gonna){0,3} late >>
        (running|run|arriving|arrive|arrived|be|being|is|am|are|was|gonna|coming|come|there|get there|getting there|showing up|show up|make it|probably|could|may|might|slightly|i|we|little|bit|tad|minutes|min|mins|m|NUM|CLOCK|hour|few|way|but|sorry|traffic|train|stop|cars|bus|and|will|hr) late (>|SEP|to|for|today|sorry|please|but|because|due|so|and|on|by|at|again|POLITE|i|traffic|my|lol|coming|this|tomorrow|be|there|with|if|is|ok|tonight|maybe|CLOCK|NUM|from)
        late (by|but|about|because|due|for (my|the|our)|SEP (traffic|on|parking|almost|be|sorry|omw|bus|train|stuck|i|so)|on my way|sorry|getting there)
        (running|am|is|be|are|little|bit|minutes|min|mins|NUM|CLOCK|few|way|getting|falling|got|still|hour|about) (a|bit|little|few|about|minutes|min|behind|NUM|CLOCK|way){0,4} behind(?! (the|my|on|me|you|it))
        behind (schedule|an accident|a (truck|wreck|crash|train))
        running (a|about|like|NUM|CLOCK|maybe|probably){0,3} (NUM|CLOCK|few|couple|bit|little) (min|mins|minutes)? (>|behind|late|sorry|m)
        stuck (in|on|at|behind|waiting|with) (a|the|my|an|some|bad|heavy|this|bumper to bumper|rush hour|awful|terrible|stupid|crazy|work|horrible|major|some){0,2} (traffic|highway|freeway|bridge|train|subway|bus|bus|work|accident|wreck|school|jam|metro|interstate|meeting|light|elevator|NUM|tunnel|road|construction|airport|parking|line|call|garage|drive)
        (traffic) (is|was|been|SEP|sorry|jam|so|really|very|super|pretty|today|terrible|bad|horrible|awful|insane|crazy|heavy|on|UNKNOWN|NUM|the|light|ugh|backed|stopped|at a|standstill){0,5} (be there|there|late|behind|CLOCK|NUM|sorry|on my way|minutes|delay|delayed|almost|coming)
        (bad|heavy|terrible|awful|so much|lots of|horrible|crazy|insane|tons of|major|stupid) traffic (>|SEP|on|at|sorry|today|here|so)
        < POLITE{0,2} traffic (is (bad|terrible|awful|horrible|crazy|insane|heavy|ridiculous|a nightmare|backed up|stopped|so|really))? POLITE{0,2} >
        (be|get|arrive|arriving|arrives|there|make it|will be|see you|coming|here) (there|to you|at the clinic|up|you)? (in|within) (like|about|around|maybe|approx|approximately|less than|under|another){0,2} (NUM|CLOCK|a few (min|mins|minutes)|few (min|mins|minutes)|a couple (of)? (min|mins|minutes)|half an|an hour|fifteen|twenty|thirty)(?! (week|weeks|day|days|month|months|year|years|hours from))
        (?<!to) (be|get|make it|arrive|arriving|will be) (there)? (closer to|by|around|about|at about|more like|near|after|nearer) (NUM|CLOCK)(?! (pm instead|tomorrow))
        (there|here) (in|by|about|around|at about|closer to) (like|about|NUM|CLOCK)
        < POLITE{0,3} (arriving|arrive|there) (at|in|about|around|closer to) (NUM|CLOCK|about|ten|fifteen|twenty|a few)
        (am|are|<|about|only|just|still|maybe|another|way) (a)? (NUM|CLOCK|few|couple|fifteen|twenty|thirty) (more)? (min|mins|minutes|m|minute|miles|blocks) (away|out|from you|to go >)
        (NUM|CLOCK|few|couple|fifteen|twenty|thirty) (more)? (min|mins|minutes|m|minute) (behind|delay|late|delayed)
        << (SEP|POLITE|a|just|need|i need|give me|ready in){0,4} (NUM|CLOCK|few|couple|five|ten) more (min|mins|minutes) (POLITE|SEP){0,3} >>
        (give|need|gimme) (me)? (NUM|CLOCK|a few|another|about) (NUM|CLOCK)? (more)? (min|mins|minutes) (>|more|please|POLITE|to (get|park|find))
        eta (SEP|is|about|around){0,2} (NUM|CLOCK|ten|twenty)
        (am|are|got|been|getting|was|train|bus|flight|uber|ride|lyft|subway|work|< POLITE{0,2}|be|a bit|little|minutes|min|plane|ferry|running|probably) (a|bit|little|slightly)? (delayed|delay|held up|sidetracked)
        (delayed|held up) (at|by|in|because|with|NUM|CLOCK|due|on)
        << (SEP|POLITE){0,3} (delayed|held up|overslept)
        (bus|train|uber|ride|lyft|cab|taxi|carpool|ferry|subway) (SEP|is|was|are|running|just|NUM|CLOCK|minutes|min|still){0,4} (late|delayed|behind|not here|never came|broke down)
        missed (my|the|our) (bus|train|exit|turn|connection|ride|stop|ferry)
        overslept
        (can|could|will|is|do|would|may|might) not (be able to|going to|be|think i will|going to be)? (be|make it|get there|arrive|there|come|here|make) (there)? (on time|until|till|by (NUM|CLOCK)|before (NUM|CLOCK))
        not (going to)? be on time
        not on time
        (?<!how) (can|could|ok|okay|alright|may|fine|is it|still see me|problem|still come|able to|still be seen) (i|if|we|to|come|still|be|it|if i|am|me|get in|there){0,5} (NUM|CLOCK|a few|a little|a bit|few|little|fifteen|ten) (bit|min|mins|minutes|m)? late
        (?<!how) (ok|okay|alright|fine|problem) (if|to)? (i|we)? (am|be|come)? (a bit|a little|running)? late
        (?<!not) (lost|wrong turn|parking|garage|flat tire|car trouble|detour|construction|road closed|roads|weather|snow|storm) (SEP|_){0,5} (late|behind|be there|CLOCK (min|minutes)|NUM (min|minutes)|delayed)
        (could not find|can not find|looking for|no|trying to find) parking (SEP|_){0,2} (NUM|CLOCK|late|min|running|sorry|be there)
        leaving (now|work|home|the house|in)? (SEP|_){0,4} (late|be there|NUM min|CLOCK min)
        behind schedule
        """,
    ),
)
