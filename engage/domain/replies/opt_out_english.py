"""Asking for the end of messages in English, in other words than the official ones (47 CFR 64.1200(a)(10): "any
reasonable means"; rules.md L3). Read by ``signs.pattern``; CLASSES are in ``words.py``."""

from __future__ import annotations

from typing import Final

from engage.domain.replies.reading import DIRECT, INDIRECT, NEARLY_OFFICIAL
from engage.domain.replies.rules import Rule

# Said before guards look for negations: these have one in them and mean it.
INSISTENT: Final = (
    Rule(
        "Asks, with a threat or a complaint, that the messages stop.",
        INDIRECT,
        """
        if you (people|guys|all)? (do|will) not (stop|quit|remove|take|leave)
        (unless|until) you stop (TEXTING|CALLING)
        why (do|will|can|would) (not you|you (people|guys|all)? not) (just|ever|please)? (stop|quit|leave me alone|take (me|my NUMBER) off|remove)
        (can|could|will|would|do) (not you|you not) (just|please)? stop
        not (want|need) (any|anymore|anything) ADV? stop >
        (make|be|making) (sure|certain) (that)? (i|we) (do not|never|stop) (get|getting|receive|receiving) (FILL|UNKNOWN){0,4} (MSGS|MSG|THESE|texts)
        (can|could) not (seem to|figure out how to)? unsubscribe (>|from|PLEASE)
        (appreciate|grateful|great|nice|like|love|prefer|thank you|better|thanks|happy|good) (it|that)? if you (would|could|can|guys|people|all|will|just){0,3} (please)? (stop|stopped|quit|not|did not|do not|never|removed|remove|took me|take me|unsubscribe|unsubscribed) (me|TEXTING|CALLING|TEXT|sending|send|call|my|off|us|with)
        mind (not TEXTING|not CALLING|not sending|stopping|removing|taking me off|taking my)
        how many times (do|must|did|have|should) (I|you|it) _{0,4} (stop|quit|unsubscribe|opt out)
        (what|which) (part|bit) of (stop|no|unsubscribe|opt out|do not|leave)
        understand about (the word)? (stop|no|unsubscribe)
        when (are|will|would) (you|yall) (people|guys|going to|ever|finally){0,3} stop (TEXTING|sending|CALLING)
        stop means stop
        (you|they) (people|guys|all)? (do|will|would|have) not (stop|quit) (TEXTING|sending|bothering|CALLING me)
        """,
    ),
)

DIRECTLY: Final = (
    Rule(
        "Says STOP, or a word like it, as a sentence of its own.",
        NEARLY_OFFICIAL,
        """
        << (POLITE|ADV|stop|SEP){0,6} (stop|unsubscribe|opt out|stopall|quit (it|this|that|now|please)|cease|desist|discontinue|stop all) (POLITE|ADV|NUM|stop){0,6} >
        < POLITE{0,4} (stop|unsubscribe|stopall|opt out|cease) POLITE{0,5} (>>|(?=END)|SEP POLITE{1,4} >>)
        << POLITE{0,3} (stop|unsubscribe) POLITE{0,2} (I|YOU|NOT|wrong|and (call|leave|remove|delete|take|do|never|let|i)|who|or|because|they|he|she|there|what|why|im|leave|remove|take|see|must|need|got)
        (cut|knock|give) it (out|off|a rest) (POLITE{0,3} >|with|already|and)
        < (POLITE|SEP){0,5} halt POLITE{0,3} >
        (TEXTING|MSGS|MSG) (me|us|this NUMBER|here|FILL|sms){0,2} PLEASE? stop POLITE{0,3} >
        < POLITE{0,2} (cut|knock) (this|that) (out|off) POLITE{0,3} >
        """,
    ),
    Rule(
        "Asks us to stop writing.",
        DIRECT,
        """
        CEASE (POLITE|ADV){0,3} (all|any|you|your|this|the|with|from|me|of){0,3} UNKNOWN? TEXTING
        CEASE (POLITE|ADV){0,3} (CALLING|messing|playing) (to)? (me|us|my (phone|NUMBER|cell|family|wife|husband|house|home|mom|mother|dad|kids|job|work|son|daughter)|this|here|>|or|PLEASE|at)(?! (a|an|my (grand|dear)))
        CEASE (POLITE|ADV){0,3} (sending|giving|delivering|forwarding|pushing) (me|us|out|to|this NUMBER){0,4} UNKNOWN? FILL{0,5} UNKNOWN? (MSGS|MSG|STUFF|CALLS|lists|(these|this|those|them|it) (to|>|PLEASE|and|all|every))
        CEASE (POLITE|ADV){0,3} sending (me|us)? PLEASE{0,2} >
        CEASE (POLITE|ADV){0,3} sending (me|us) (?!(my|the|a|an|to|for|home|back|bill|bills|invoice|invoices|form|forms|statement|statements|paper|mail))
        CEASE (POLITE|ADV){0,3} (CALLING|TEXTING) (and|or) (TEXTING|CALLING)
        < POLITE{0,3} (block|blacklist) (me|my NUMBER|this NUMBER) PLEASE{0,2} >
        CEASE (POLITE|ADV){0,3} (blowing|hitting|filling|lighting|clogging|reaching|signing) (up|me|us|my|out)
        CEASE (POLITE|ADV){0,3} (from|with)? (the|all|your)? (sending|getting|receiving|having) _{0,4} (MSGS|CALLS)
        (<|please|you|and|just|kindly|or|now|so|you to) (stop|quit|cease) ADV{0,2} (BOTHERING|using|having|selling|sharing|keeping) (me|us|people|(my|this) (NUMBER|family|phone)|>)
        (mute|silence|cut|cut out|cut off|kill|block|ditch|nix|lay off|ease off) (all|with)? (the|these|your|those|all|of){1,2} UNKNOWN? FILL{0,2} (MSGS|TEXTING)
        you (will|shall|must|may|are) (not|never) (to)? (TEXT|call|contact|message) (me|us)
        (refrain|desist|keep yourselves|hold off) from (ever|any|further|all|ADV){0,3} (TEXTING|CALLING|contact|sending)
        CEASE (to)? (TEXT|BOTHER|call|send|write) (me|us|this|MSGS|my)
        CEASE (and desist)
        """,
    ),
    Rule(
        "Asks for the end of the messages.",
        DIRECT,
        """
        (CEASE|end|cancel|disable|deactivate|kill|block|suspend|halt|unsubscribe) (POLITE|ADV){0,2} (with|from|sending|to|w)? UNKNOWN? FILL{0,5} UNKNOWN? (appointment|visit|session|auto)? (MSGS|CALLS)(?! (me|us|back|you)(?! (send|get|keep)))
        (CEASE|unsubscribe|end) (POLITE|ADV){0,2} (with|from)? FILL{0,4} MSG (>|PLEASE|MSGS|to|from|on|SEP)
        (cancel|disable|deactivate|end|stop) (POLITE|ADV){0,2} (the|my|this|these|your|all|any){0,3} (text|sms|message|messaging|email|phone|mobile|course){0,2} (subscription|reminder|notification|alert|enrollment for texts|newsletter|MSGS|messaging|service for texts)(?! (for|about|on|of) (my|the) VISIT)
        (turn off|shut off|switch off|get rid of) (the|my|your|all|these|this|those|any|of|daily|stupid|annoying|text|sms|appointment|auto|please){0,5} (MSGS|MSG)
        (turn|shut|switch) (the|my|your|all|these|this|those|any|daily|stupid|annoying|text|sms|appointment|auto|please){0,5} (MSGS|MSG) off
        make (these|those|the|your|all|this){0,2} (MSGS|MSG)? (stop|quit|end|go away)
        (no more|no further|no future|zero more) (of)? UNKNOWN? FILL{0,4} UNKNOWN? (MSGS|MSG|CALLS|texting|TEXTING|CALLING|THESE >|THESE POLITE >)(?! (from|for|about) (the|my) (UNKNOWN|insurance|pharmacy|school|bank|hospital|lab|doctor))
        < POLITE{0,3} (no|zero|not any|not one more|not another|no damn|no fucking) UNKNOWN? FILL{0,3} (MSGS|CALLS|text|texting|TEXTING) (POLITE|ever|from|to|for|whatsoever|at){0,4} >
        < POLITE{0,4} no more POLITE{0,4} >
        (discontinue|terminate|stop|end|suspend) (this|the|these|your) (text|texting|messaging|sms|reminder|message|notification){0,2} (service|services|program)
        (discontinue|terminate) (this|the|your|my|all)? (text|sms)? (service|services)
        (cancel|end|stop) (my|the|this) (enrollment|membership|registration|subscription|sign up) (in|to|for|of|with) FILL{0,3} MSGS
        (how|can|please|to) _{0,3} (turn|shut|switch) (these|this|those|them) off
        < POLITE{0,3} end (this|it|these) PLEASE{0,2} >>
        CEASE (with)? (this|the|your|all this|all the){1,2} UNKNOWN? (crap|shit|nonsense|bullshit|garbage|harassment|spam|harassing|madness|junk|bs|foolishness)
        enough (with|of)? (the|these|your|this|those|already|all){1,3} (UNKNOWN|FILL){0,2} (MSGS|CALLS)
        < POLITE? enough (of)? (MSGS|TEXTING)
        (MSGS|TEXTING|these|those) (have|has|need|must|should|got|better|to|please|PLEASE){1,4} (stop|end|cease) ADV{0,2} >
        (want|need|would like) (these|the|your|all|those|this){1,2} (MSGS|CALLS|TEXTING) (to stop|stopped|to end|gone|turned off|off|to cease)
        """,
    ),
    Rule(
        "Asks us not to write.",
        DIRECT,
        """
        (?<!I)(?<!that)(?<!AUX)(not|never|no longer|stop) (to)? (ever|again|please|you|dare|even|keep|continue|start|begin|PLEASE|try|attempt|go|to){0,3} (TEXT|text or call|call or text|call or message|call or email|write or call) UNKNOWN? (me|us|this|my NUMBER|my phone|here|again|any|ever|>|PLEASE|at this|or)
        (?<!I)(?<!AUX)(not|never|no longer) (ever|again|please|dare|even|keep|PLEASE|try|attempt|to|you){0,3} (TEXTING|CALLING) (me|us|this NUMBER|my NUMBER|>|again)
        (?<!I)(?<!they)(?<!AUX)(not|never) (ever|again|please|dare|PLEASE|you|to|even){0,2} (call|phone|ring|mail|write|reach out|write to|reach out to|get in touch|talk to|speak to|communicate with) (to|with)? (me|us|this NUMBER|my NUMBER|here|again|with me|>) (or TEXT|ever|again|anymore|any|PLEASE|>|at all)
        (?<!I)(?<!AUX)(not|never) (ever|again|please|dare|PLEASE|you|to|even|keep){0,3} bother (me|us|my|again|any|>|TEXTING|sending)
        (?<!I)(?<!AUX)(not|never|no longer|quit|stop) (ever|again|please|dare|PLEASE|you|to|even|keep|continue|be){0,3} (send|sending|give|forward|deliver|sent) (out|to|it)? (me|us|to me|this NUMBER|my NUMBER|any)? FILL{0,5} UNKNOWN? FILL{0,2} (MSGS|MSG|stuff|anything|nothing|another thing|a thing|crap|shit|garbage|junk|spam|nonsense|CALLS)
        (?<!I)(?<!AUX)(not|never) (ever|again|please|PLEASE|you|to|keep){0,3} (send|sending) (me|us|out|this NUMBER|my NUMBER|to me){0,2} (these|this|those|them|it|anymore|again|any more|more|>) (POLITE|again|any|more|anymore|ever|to|me|us|my|phone|number|any more){0,3} >
        (told|asked|want|need|prefer|like|asking|telling|begging|warned|request|advise|tell) you (people|guys|all|to)? not (to)? (TEXT|call|BOTHER|send|write|contact)
        (would|d) (rather|prefer) (that)? (YOU|you all) (do|did|would)? not (TEXT|call|BOTHER|send|write|TEXTING)
        you (can|may|should|must|are) not (to)? (be)? (allowed to|permitted to|authorized to|supposed to)? (TEXT|TEXTING|call|send) (me|us|this|my|MSGS)
        not (be)? (allowed|permitted|authorized) to (TEXT|call|send) (me|us|this|my|MSGS)
        < POLITE{0,2} no (TEXT) (me|us)
        (not|never) (reply|respond|UNKNOWN|call|write|email) (or|and|nor) TEXT (me|us|this|again|my)
        (<|please|and) POLITE{0,2} not use (this|my) UNKNOWN? NUMBER
        (<|please|and) POLITE{0,2} do not (ever|please)? use (this|my) UNKNOWN? NUMBER
        not (to)? be (contacted|texted|messaged|called|disturbed|bothered|TEXT) (by|again|>|PLEASE|anymore|any|at|on|with)
        (put|place|add) (me|us|this|my|NUMBER|NAME){1,3} (on|to|in) (the|your|a)? do not
        (no|zero) (further|more|future|additional) (contact|communication|correspondence|contacts)
        < POLITE{0,2} no contact POLITE{0,3} >
        """,
    ),
    Rule(
        "Does not want our messages.",
        DIRECT,
        """
        (not|never|no longer|nor) (really|even|ever|longer|care|PLEASE){0,2} (want|wish|like to|care to|need|desire|would like|wanting|wishing|care for) (for)? (you|anyone|your (clinic|office|system|company|people))? (to|be|to be|get|receive|have|getting|receiving|see|be getting|be receiving|keep|continue|keep getting|keep receiving|any|of|accept|no){0,4} UNKNOWN? FILL{0,5} UNKNOWN? (appointment)? (MSGS|CALLS)(?! (to (stop|end)|about why))
        (not|never|no longer) (really|even|ever|longer){0,2} (want|wish|like|care|need|would like) to (be)? (TEXT|texted|messaged|contacted|emailed|spammed|notified|called|bothered|harassed|on (this|your|the|any){1,3} LIST|part of (this|your)|subscribed|enrolled in this|included|hear from|get these|receive these|get this|receive this|get anything|receive anything|get any of|receive any of|keep getting|keep receiving|getting these|continue (receiving|getting|with these)|be contacted|get those|get them|receive them|see these|receive >|receive anymore|receive POLITE >)
        (not|never|no longer) (really|even|ever)? (want|wish|like|need) (you|anyone|your (clinic|office|system|company|people)|anybody|yall) (people|guys|all|to)? (to)? (keep|be|ever|even){0,2} (TEXT|TEXTING|call|CALLING|BOTHER|send|write|texted|contacted)
        (not|never|no longer) want (these|those) (>|PLEASE)
        (not|never) want (these|those|them|your|this){1,2} (MSGS)? (any more|anymore|any longer|any|on my phone|coming)
        (not|never) (want|wish|need) (a|one more|another|one) (single|more|other|text)? (MSG|text) (from|ever|again)
        (want|wanting|would like|like|prefer|rather|wish|choose|prefer) (to)? not (to)? (be|get|receive|have|getting|receiving|see) UNKNOWN? FILL{0,4} (MSGS|MSG|THESE|texted|contacted|messaged|anything)
        no longer interested in (getting|receiving|hearing|the|your|these|any|FILL){1,4} (MSGS|THESE|from)
        not interested in (getting|receiving|hearing|FILL){1,4} (MSGS|from you)
        want nothing (more|else|further)? (to do with|from) (you|this|your|these|yall)
        not want anything (more|else|further)? (from|to do with) (you|this clinic|your|this office)
        no (desire|interest|need|wish|reason|use) (to|in|for|of)? (be|get|receive|getting|receiving|have|having|keep)? FILL{0,4} UNKNOWN? (MSGS|texted|contacted)(?! (me|us|back))
        not (be)? (needing|require|requiring|wanting|desire) (to get|to receive|any)? FILL{0,4} UNKNOWN? (MSGS)
        (want|need|send) (zero|no|me no|us no) UNKNOWN? FILL{0,3} (MSGS|TEXTING|contact)
        (want|need|would like) (no|zero) (more|further|part of) (of)? FILL{0,3} (MSGS|CALLS|THESE|LIST)
        (done|finished|through|over it) (with|getting|receiving) UNKNOWN? FILL{0,4} (MSGS|CALLS|TEXTING)
        (want|need|would like) (this|these|it|the MSGS|the texting|all this|all of this){1,2} (to stop|stopped)
        (want|need|would like) you (people|guys|all)? to (please|just|PLEASE){0,2} stop (>|PLEASE|TEXTING|and)
        """,
    ),
    Rule(
        "Asks to be taken off the list.",
        DIRECT,
        """
        REMOVE (POLITE|ADV){0,2} (me|us|myself) POLITE{0,4} (>|SEP|and|or|before|now|please|i|because|asap)
        REMOVE (POLITE|ADV){0,2} (me|us|myself|MINE|this NUMBER|my (FILL|UNKNOWN)? (and|or|MINE|NUMBER){1,3}|our NUMBER|the NUMBER){1,2} (POLITE|completely|off|from|out|of|on|in|all|the hell){1,4} (>|PLEASE >)
        REMOVE (POLITE|ADV){0,2} (me|us|myself|MINE|this NUMBER|my (FILL|UNKNOWN)? (and|or|MINE|NUMBER){1,3}|our NUMBER|the NUMBER){1,2} (POLITE|completely|off|from|out|of|on|in|all|the hell){1,4} (whatever|any|all|every|the|this|these|those|your|you|ur|that|future|of|future){0,4} UNKNOWN? FILL{0,3} (LIST|MSGS|MSG|thing|everything|things|campaign|mailing|contact|stuff|here|this >|these >|that >|it >)(?! of (VISIT|people waiting))
        (take|get|keep|want|leave|let) (me|us|my NUMBER|my name|this NUMBER|our NUMBER|my phone) POLITE{0,2} (off|out|outta) (of)? ((this|your|the|these|that|all|any){0,3} (>|PLEASE >)|(this|your|the|these|that|all|any){0,3} UNKNOWN? FILL{0,2} (LIST|MSGS|thing))
        (remove|delete|erase|unlist|scrub|purge|drop) (this|that|the|my|our) (FILL|UNKNOWN)? (NUMBER|MINE|cell NUMBER|phone NUMBER|mobile NUMBER|info|information|contact info|contact information|contact)(?! (and (put|use|add|replace)|to|with|for my|on file and|is))
        (remove|delete|erase|unlist) (NUM|NUMBER) (>|from|off|PLEASE)
        (removing|taking|deleting) (me|us|my NUMBER|my name|this NUMBER) (POLITE)? (off|from|out of) (of)? (the|this|your|that|all|any|these){0,2} UNKNOWN? FILL{0,2} (LIST|MSGS)
        (getting|get) (off|out of) (of)? (this|your|that) UNKNOWN? FILL{0,2} (list|lists|MSGS|MSG list)
        (remove|delete|take|taken|removed) (off|from) (the|your|this|all|ur){0,2} UNKNOWN? FILL{0,2} (list|lists|MSGS|database)
        (lose|forget|loose|delete|erase|ditch|trash|burn) (my|this) (damn|fucking|phone|cell|goddamn)? (NUMBER|info|contact)
        (want|need|like|asked|request|requesting|wish|asking|ask|demand|prefer|please) (to|be|for|get|that|i|my NUMBER|my name|me|it|NUMBER|is|please|have|myself){1,5} (removed|unsubscribed|deleted from|unlisted|opted out|taken off)(?! (my|the|a) (cast|stitches|tooth|mole|medication|VISIT))
        (want|wants|need|wanted|would like|like) (to be|to get|be)? (off|out|off of|out of) (of)? (this|your|the|these|ur|that){1,2} UNKNOWN? FILL{0,2} (LIST|MSGS|thing)
        how (do|can|could|would|to) (i|we)? (get|be|go about getting|have)? (me|myself|my NUMBER|my name)? (off|out of|removed from|taken off|out) (of)? (this|your|the|these|ur){1,2} UNKNOWN? FILL{0,2} (LIST|MSGS|thing)
        (my NUMBER|my name|me|myself|us|i|we|this NUMBER) (be|get|gets)? (removed|taken off) (from (FILL){0,3} (LIST|MSGS)|>|PLEASE)
        (requesting|request|want|need|ask for|asking for|demand) (my|a|the|for|to)? removal
        < POLITE{0,3} removal POLITE{0,3} >
        do not (contact|call|text|message) list
        < POLITE{0,3} (remove|delete|erase|unsub) POLITE{0,4} >>
        """,
    ),
    Rule(
        "Asks to unsubscribe or opt out.",
        DIRECT,
        """
        (?<!link)(?<!to)(?<!an)(?<!the)(?<!your) unsubscribe (?!(from what|what|link|button|page|option|by|form|instructions|accident|mistake|him|her|word))
        (want|need|like|trying|wish|how|would|ask|asking|request|please|tried|try|attempting|able|unable|going|ready|asked|choose|decided|way|wanting|have|requesting) (you)? to unsubscribe
        (already|have|had) (UNSUB|opted out) (>|PLEASE|from (FILL){0,3} (MSGS|LIST)|and|but|NUM|times|twice|yesterday|last)
        (get|please|me|be) (me)? unsubscribed(?! from (NAME|UNKNOWN))
        (opt|opting|opted|take) (me|us|this NUMBER|my NUMBER|myself){0,2} out (>|PLEASE|SEP|now|i|and|from (MSGS|all|this|your|these|the MSGS)|for (me|this|my))
        (opt|opting|opted) (me|us|this NUMBER|my NUMBER|myself)? out (of|from) (receiving|getting|any|FILL|UNKNOWN){0,5} (MSGS|MSG|LIST|CALLS|TEXTING|everything|THESE >|communication)
        opt out (me|us|my NUMBER|this NUMBER) >
        (opt|opting) out (of)? (all|any|this|these|everything|>)
        (deregister|unenroll|unregister|disenroll|unlist|deactivate|withdraw) (me|us|my NUMBER|this NUMBER|from (FILL){0,4} (MSGS|LIST))
        """,
    ),
    Rule(
        "Takes back the consent to be written to.",
        DIRECT,
        """
        (CONSENT|permission) (is|has been|was|to (TEXT|contact)|hereby|now){0,3} (revoked|withdrawn|rescinded|revoke)
        REVOKE (hereby|all|any|my|the|previous|prior|any and all|of){0,4} (CONSENT|opt in) (>|PLEASE|SEP|for FILL{0,3} (MSGS|TEXTING|CALLS|contact)|to (be|TEXT|receive|get|send|contact|any|all|FILL|MSGS){1,4}|you|to you|immediately|i|and)
        YOU (do|are|have|no longer){1,3} (not|no|no longer|have){0,3} (have|my|our|a)? (my|any|our){0,2} (CONSENT|allowed|authorized|permitted) (>|to (TEXT|call|send|write|message|contact|use|CALLING)|PLEASE|for)
        (not|never|no longer) (CONSENT|agree|authorize|permit|allow|consenting|accept|give CONSENT|give you CONSENT|give my CONSENT) (you)? (to|for|with)? (be|being|you|receive|receiving|getting|get|FILL|TEXTING|any){0,5} (MSGS|TEXT|TEXTING|contacted|texted|messaged|CALLS)
        """,
    ),
    Rule(
        "Asks to be left alone.",
        DIRECT,
        """
        leave (me|us|my phone|this NUMBER|my family|my NUMBER) (POLITE|the (heck|hell)|fucking|tf){0,3} alone
        (leave|let) (me|us) (POLITE)? (in|have some|have) peace
        (get|stay|keep) (out|off|away|outta) (of|from)? my (phone|life|inbox|NUMBER)
        """,
    ),
)

# Looser: a word for ending and a word for messages near each other, with nothing about care between or around them.
LOOSELY: Final = (
    Rule(
        "Seems to ask for the end of the messages.",
        INDIRECT,
        """
        (please|now|already|again|just|kindly|so|thanks) stop (this|it|these|them|those|that|all this|PLEASE){0,2} >>
        < POLITE{0,3} (stop|quit|end) (them|these|those) PLEASE{0,2} >>
        (stop|quit|cease) (?!(by|in|at|over|for|taking|on|off|and|eating|using|wearing|to))(?:(?!(VISIT|to|if|when|and))_){0,4} (MSGS|TEXTING|texting)
        (aint|not|never) (want|need|wish|trying|looking|care|asking|trying to|going) (?:(?!(miss|lose|stop|cancel|UNSUB|change|delete|VISIT|forget|check|read|see my|if|when|but|because))_){0,5} (MSGS|TEXTING|texting|texted|contacted|messaged)
        (my|this|our) (FILL|UNKNOWN)? (NUMBER|name|phone number|info|contact) (to)? (be)? (removed|deleted|taken off|erased|dropped|scrubbed|unsubscribed)(?! (from|on) (the|my) VISIT)
        (me|i|us|we) (to)? (be|get|am)? (removed|deleted|taken off|erased|dropped) from (?:(?!VISIT)_){0,4} (LIST|MSGS)
        (remove|delete|erase|scrub|drop|exclude|withdraw|strike) (?:(?!(VISIT|and))_){0,2} (me|us|my NUMBER|my name|this NUMBER|this person|him|her) (?:(?!(VISIT|and))_){0,5} (list|lists|MSGS|database|texting|contacts)
        (take|get|want|be|come|like|wants|me|number|name|please) (?:(?!(VISIT|and))_){0,3} (off|out of|off of) (this|your|these|that|ur) (?:(?!VISIT)_){0,2} (list|lists|MSGS|thing|texting)
        (cancel|end|discontinue|terminate|disable|deactivate|suspend) (?:(?!(VISIT|and|if|or|because|so))_){0,3} (MSGS|texting)(?! (me|us|about))
        (cancel|end|stop|quit|leave|discontinue) (the|this|my|your){1,2} (text|sms|texting|message){1,2} (course|program|lessons|series|tips|plan|list|thing)
        (?<!I)do not (?:(?!(VISIT|have|need|worry|forget|mind|know|stop|hesitate))_){0,2} (text|message|contact|texting|messaging) (me|us|here|this)
        (without|no) (any)? (further|more) (MSGS|TEXTING|texting|contact)(?! (from|for|about) (the|my) (UNKNOWN|insurance|pharmacy|school|bank|hospital|lab|doctor))
        (want|need|like) (all|the|these|your|those|every|any){1,2} (UNKNOWN|FILL)? (MSGS|TEXTING) (to)? (be)? (stop|stopped|gone|ended|over|off|cancelled|canceled)
        (find|got|have|see|get) another (number|person) to (TEXT|BOTHER)
        """,
    ),
)

INDIRECTLY: Final = (
    Rule(
        "Asks how to stop the messages, or whether we would.",
        INDIRECT,
        """
        (how|way|where|what) (do|can|would|could|to|should|does|am|is|must|have|need|for)? (i|we|one|me|you|someone)? (do|supposed|need|have|go about|to|go)? (to)? (just|POLITE)? (stop|unsubscribe|opt out|make you stop) (it|this|these|that)? PLEASE{0,2} >
        (how|way|where|what) _{0,4} (stop|unsubscribe|opt out|turn off|cancel|get rid of|end|block|get off|quit|remove me from|get out of) (from|of|to)? (getting|receiving|with)? ((these|this|all of this|all this|getting these) >|FILL{0,5} UNKNOWN? FILL{0,2} (MSGS|MSG|TEXTING|your LIST|this LIST))
        CAN (you|yall|u|we|i|someone|somebody|anyone) POLITE{0,3} (stop|unsubscribe|opt out) (POLITE|it|this|that|these|THESE|messaging|with (FILL){1,3} MSGS){0,4} >
        YOU (need|have|must|should|better|ought|can|may|guys can|could|people need|guys need) (to|better)? POLITE{0,2} (stop|quit (it|this|TEXTING)) (now|>|PLEASE|this|it|TEXTING|sending|CALLING|with)
        """,
    ),
    Rule(
        "Says that they asked us to stop before.",
        INDIRECT,
        """
        (?<!not)(?<!did not)(?<!never) SAID (the|you|word|with|your|them|yall|already|all|to|back|us|n|people|guys|just){0,4} (NUM|times|twice)? (stop|unsubscribe|opt out|remove|quit)(?! (CALLING it|to|by mistake|by accident|by|accidentally|in error|at|smoking|if)) (>|PLEASE|TEXTING|sending|like|a|several|multiple|many|twice|three|and|so|yet|but|times|yesterday|last|before|on|i)
        (?<!not)(?<!was)(?<!were) (asked|told|asking|requested) (you|be|for|yall|them|people|guys) (you|to|be|for|all|people|guys|already|several|many|multiple|two|three|NUM|times|before|repeatedly|twice|once|again|over and over){0,4} (stop|take me off|quit|removed|unsubscribe)(?! (by|in|taking|the|if|my|doing|at|for))
        (?<!not) (asked|requested|asking|told you|want|need|like|wish|please) to (be|get) (removed|UNSUB|taken off|opted out)
        SAID (you|already)? no more >
        i (have|had|already|have already)? (opted out|opt out|UNSUB) (already|yesterday|before|last|twice|NUM|weeks|months|days|ages|times|from FILL{0,3} MSGS|and|>)
        """,
    ),
    Rule(
        "Says that they want out of the messages.",
        INDIRECT,
        """
        (?<!cancel)(I|would) (want|need|like|would like|would love|wanna|wish|prefer|d like|am ready|am trying|am asking|would prefer){1,2} (to|you to) (stop|quit|end|cancel) (getting|receiving|with){0,2} ((these|all this|those|all of this) >|(FILL|TEXTING|the|your|my|all){0,5} UNKNOWN? (MSGS|MSG|CALLS|subscription)|(receiving|getting) >|TEXTING)
        (want|need|like) (to|you to)? stop (getting|receiving|hearing from|these|those|your|all these|all of these|being TEXT|being texted|being contacted)
        (want|would like|wish|need) (to)? (be)? (opt out|unsubscribe|off (the|this|your) LIST)
        """,
    ),
)
