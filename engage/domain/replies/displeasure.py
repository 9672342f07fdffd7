"""Unclear but negative: something is meant against the messages, and a person has to find out what."""

from __future__ import annotations

from typing import Final

from engage.domain.replies.reading import UNCLEAR
from engage.domain.replies.rules import Rule, Table

DISPLEASED: Final = Table(
    Rule(
        "Is annoyed by the messages and does not say what to do.",
        UNCLEAR,
        """
        << (POLITE|RUDE){0,3} (this|that|these|it|you|you people|you guys|your MSGS|these MSGS|the MSGS|yall|how|what a|what|such|so|all this|all these MSGS|this all|your clinic){0,2} (is|are|am|get|getting|have become|has become|be|feels|seems|was)? (all|just|POLITE|really|very|getting|beyond|too|super|extremely|becoming|a|an|such|about|RUDE|total|incredibly|kinda|kind of|complete|pure|straight up|literally|absolutely|borderline|basically|starting to be|now|pretty much|UNKNOWN){0,4} ANNOYED (POLITE|RUDE|MSGS|now|ffs|and|at this point|people|me|you){0,4} >>
        (MSGS|TEXTING|you|clinic|MSG|people) (is|are|were) (getting|so|very|really|too|all|POLITE|beyond|super|just|extremely|becoming|a|RUDE|driving me){0,3} (ANNOYED|crazy|insane|out of hand|out of control|ridiculous|mad|nuts|too much|a bit much)
        << POLITE{0,3} (ugh|argh|grr|grrr|ughh|smh|eww|ew|yuck|bah|meh|sigh|ay|uff|uf|gah|jeez|sheesh|geez|enough|go away|get lost|buzz off|shove it|bugger off|piss off|back off|bite me|shut up|shut the hell up|shut the fuck up|leave it|leave it be|leave it alone|not again|what a joke|joke|let it go|drop it|never|hate this|hate it|i hate this|i hate you|hate you|whatever man|good grief|come on|oh come on|give me a break|no way|hell no|nah|scram|beat it|get bent|eat shit|kiss my ass|go to hell|drop dead|f off|f you|f u|zzz|boo|for fucks sake|not cool|not ok|not okay|not funny|knock it|mind your business|not appreciated|not welcome|block|blocked|reported|no one asked|nobody asked|nobody cares|who cares|do not care|i do not care|not this again|you again|again|oh no not again|what now|what do you want|i quit|i am out|count me out|let me be) (POLITE|RUDE|with|this|with you|already|people|about this|about that){0,4} >>
        (too|so|way too|way) many (FILL){0,2} (UNKNOWN)? (MSGS|CALLS|MSG) (>|PLEASE|from|a day|per|every|today|this|lately|and|i|in a|each|for|all)
        (you|yall) (guys|people|all|just)? (text|message|email|contact|bother|send) (me|us|people)? (way)? (too much|too often|constantly|all the time|nonstop|non stop|every day|like crazy)
        do (you|yall) (really|guys|people)? (have|need) to (keep)? (TEXT|send|BOTHER|TEXTING)
        < POLITE{0,3} (go away|get lost|buzz off|back off|piss off|shut up|bug off|fuck off) POLITE{0,3} >
        (too|so|way too) much (MSGS|TEXTING|spam|communication)
        (TIRED|fed up|had it|had enough|sick and tired|over) (with|of|up with|up of) (all)? (getting|receiving|hearing|seeing)? FILL{0,4} UNKNOWN? (MSGS|CALLS|TEXTING|you|THESE >|from you)
        (hate|dislike|despise|resent|detest|can not stand|not like|not appreciate|do not enjoy) (getting|receiving|that you|all)? FILL{0,4} (MSGS|MSG|CALLS|TEXTING)
        (why|y|how come) (do|are|am|does|is|the hell|the heck|tf|the fuck|would|did|have|must){1,3} (you|i|u|people|yall|we|this|someone|your clinic){1,2} (people|guys|all|still|always|constantly|even|suddenly)? (keep|keeps|getting|TEXTING|CALLING|bothering|receiving|BOTHER|spamming|harassing|insist|have to|continue|continuing|sending me|get so|TEXT me|continue to)
        (why|y) (still|keep|are you|am i|the hell) (TEXTING|CALLING|getting|receiving|sending)
        (when|will) (are|will|do) (you|these|this|they) (MSGS|ever|going to|finally|people){0,2} (stop|end|quit)
        (what the|wth|what in the) (hell|heck|fuck|shit) (is|are|do|>|SEP)
        (how|where) (did|do|have|in the world did|the hell did) (you|u|yall) (people|guys|even)? (get|got|find|have|obtain) (my|this|a hold) (NUMBER|info|information|phone|cell|name|of my)
        who (gave|give|sold) (you|u|yall) (my|this|the right|permission)
        (never|not) (ever)? (signed|sign|signing|subscribe|subscribed|agree|agreed|agreeing|asked|ask|consent|consented|opted|opt|request|requested|register|registered|gave|give|authorize|authorized|approve|approved|enroll|enrolled) (you)? (up|for|to|in|my|CONSENT|permission)? (up|for|to|in|my|CONSENT|with|get|receive)? (this|these|that|any|anything|MSGS|FILL MSGS|it|be (texted|contacted|messaged)|NUMBER|>|TEXTING|you|texts)
        (reporting|report|reported|suing|sue|block|blocking|blocked|complain|complaining|complaint|lawyer|attorney) (to)? (you|this|your|these|as|the|will|it|against|about){1,3} (to|as|spam|NUMBER|fcc|junk|MSGS|people|MSG|phone|bbb|clinic|>|office|if|guys|authorities|you)
        (marked|marking|mark|reported|report|reporting) (this|you|it|these|your NUMBER|u)? (as)? (spam|junk|phishing|scam)
        (is|are) (this|these|you|it) (a|some kind of|even|just|all)? (spam|scam|legit|harassment|phishing|spammer|scammer|joke)
        (waste|wasting) (of)? (my)? (time|space|your time)
        (RUDE){1,2} (off|you|u|yall|this|these|your|the MSGS|all the way off|>>) (and|clinic|MSGS|MSG|people|guys|POLITE|>|shit|RUDE|spam)
        << (POLITE|RUDE|oh|what|the|a|bunch of|you|are|is|this){0,4} RUDE POLITE{0,3} >>
        (you|you people|you guys|yall|clinic) (are|all are|r|bunch of|is)? (all|such|so|really|a|the|POLITE|are){0,3} (bunch of)? (RUDE|pest|pests|creeps|creep|stalkers|rude|the worst|awful|terrible|pushy|relentless)
        (wtf|wth) (is|are) (this|these|that|you|all)
        only (text|message|contact|email) (me|us)? (for|about|if|when|with|regarding)
        (leave|let) (me|us) be (>|PLEASE)
        (call|email|mail|phone) (me|us)? (only|instead)? (not|instead of|rather than) (by)? (TEXT|TEXTING)
        (you|yall) (people|guys|all)? (are|keep) (always|still|really|just|constantly|all)? (BOTHERING|TEXTING|CALLING) (me|us|>|people)
        < POLITE{0,2} (way)? too many (of (these|them|those))? POLITE{0,2} >
        (i am|we are)? fed up >
        how many (of)? (these|MSGS|more MSGS) _{0,3} (send|sending|get|going)
        (THESE|MSGS|MSG) (is|are|come|get|getting) (way)? (too|so) (frequent|often|much|frequently|many|early|late)
        (pause|snooze|suspend) FILL{0,4} MSGS
        (why|how come|y) (do|did|am|are|have) (you|i) (guys|people|all)? (always|constantly|even|just|still)? (get|got|getting|TEXTING|TEXT|receive|receiving|receive|send|sending) (me|this|these|that|MSGS|MSG)
        go (bother|bug|annoy|spam|harass|text) (someone|somebody|people|others)
        (text|message|send|contact|email|write) (me|us) (a lot|much)? less
        no UNKNOWN? FILL{0,3} (MSGS|text|CALLS) (after|before|during|at|on (weekends|sundays|weekdays|saturdays|my day off)|until|past|between|over|unless)
        (MSGS|you|MSG) (suck|sucks|are the worst|stink)
        (not|no longer|never) (really|at all|longer|very|even|remotely|in the least|the least bit)? interested (any more|anymore|in (this|that|it|the course|your|you|your clinic|acupuncture|any of|more|the FILL MSGS|anything|what)|PLEASE|at all|>|SEP|and|so)
        no (longer)? (interest|interested) (in)?
        (fewer|less|not so many|not as many|cut down on|cut back on|reduce|slow down) (the|on|with|of|number of)? FILL{0,3} (MSGS|MSG|TEXTING|often|frequent|frequently)
        (not|never) (need|want|require|like) (a|an|the|this|these|that|it|any|those|your|to be|all){1,2} (reminder|reminding|reminded|of this|of that|>|POLITE|anymore|any more|sort of|kind of|stuff|at all|thing|pestered|course|lessons|info|information)
        not (need|want) (reminders|reminding)
        CEASE (bothering|bugging)
        (this|it|that|enough is enough|THESE) (has|needs|must|have|had|got|really|better) (to)? (really|just)? (stop|end)
        (make it|make this|it) stop >
        (do not|never) disturb >>
        please (do not|no) (>|SEP)
        (i|we) (want|would like|wish|wanna|need|am going to) (to)? (stop|quit|get out|leave|out) (the course|this course|the program|>>|this program|this >|it >)
        (quit|leave|end|cancel|stop) (the|this|your|my){1,2} (email|sms|text)? (course|program|membership|service|service|account|enrollment|lessons|plan)
        cancel (everything|all|all of it|the whole thing) POLITE{0,2} >
        (remove|delete|erase|wipe|forget) (all|my|of|me|everything|our){1,3} (data|account|records|profile|history|details|you have|from everything|personal)
        (she|he|NAME|patient|husband|wife|person|mother|father|SHE) (is|has|have|just|recently|sadly|was|are){0,3} (deceased|passed away|dead|passed on|died|no longer with us|no longer alive|passed)(?! (out|me|the|on the|by))
        (unsubscribe|opt out) (link|button|page|option|form|instructions)
        unsubscribe
        """,
    ),
    Rule(
        "Is annoyed by the messages, in Spanish, and does not say what to do.",
        UNCLEAR,
        """
        (no|ya no) (me|nos|estoy|estamos) (muy)? (interesa|interesan|interesada|interesado|interesados|interesado en) (>|POLITE|EL|esto|mas|SEP|en|nada|para)
        (que|son|muy|estan|es|me|tan|esto es|ustedes son|bien){1,3} (muy|tan|bien|unos|una|ya|un|tienen|tiene)? MOLESTO (son|POLITE|>|mensajes|ya|esto|con|de|es|sus|estos|sus MENSAJES|MENSAJES|ustedes)
        << POLITE{0,3} (MOLESTO|basta|ya basta|que fastidio|fastidio|que pesados|dejalo|dejelo|dejenlo|vayanse|larguense|vete|que asco|ya dejenlo|ya me cansaron|callense|molesta|no molesten|no molestar|no moleste|no jodan|no joda|que molestia|jodanse|que joda|que horror|mierda|que mierda|carajo|al carajo|vayanse al carajo|vayanse a la mierda|puta|pendejos|idiotas|pinches|chinga tu madre|no chinguen|estafa|es una estafa|estafadores|que lata|odio esto|me tienen harto|me tienen harta|estoy harto|estoy harta|harto|harta|insoportables|insoportable|ridiculo|que ridiculo|esto es ridiculo|acoso|esto es acoso|que quieren) (POLITE|mensajes|MOLESTO|de esto|con esto){0,3} >>
        (estoy|me tienen|tienen|ya) (muy|tan|ya)? (harto|harta|cansado|cansada|hasta) (de|con|la) (EL|tanto|tantos|recibir|que|madre|coronilla|ustedes|esto|gorro){1,3}
        (demasiados|demasiado|muchos|tantos|cuantos) (EL)? MENSAJES (>|SEP|POLITE|al dia|por|me|son)
        (por que|porque) (me|nos|siguen|sigue|recibo|estoy) (siguen|sigue|ESCRIBAN|mandan|escriben|llaman|molestan|llegan|tantos|recibiendo|ESCRIBIR|estan|envian|tanto|EL){1,3}
        (como|de donde|donde|quien) (consiguieron|consiguio|obtuvieron|sacaron|les dio|le dio|tienen|tiene|consiguieron ustedes|saco) (mi|este|el) (numero|telefono|celular)
        (yo)? (no|nunca) (me)? (pedi|solicite|suscribi|autorice|registre|inscribi|di permiso|he pedido|acepte|apunte) (esto|estos|EL|a esto|a nada|>|en nada|para esto|que me|nada|recibir){0,2} (MENSAJES|>|esto|nada|SEP)
        (voy a|los voy a|les voy a|las voy a) (denunciar|reportar|demandar|bloquear) (los|les|este|EL|>)?
        me (molesta|molestan|fastidian|fastidia|cansan|cansa|hartan|irritan) (mucho)? (EL){0,3} (MENSAJES|que me)
        no me (gusta|gustan) (que me ESCRIBAN|EL MENSAJES|recibir)
        (menos|no tantos|tantos) MENSAJES
        (no|ya no) (lo|la|los|las) (quiero|necesito) (>|mas|PLEASE)
        """,
    ),
)
# Emoji that are against something when a message is nothing else.
AGAINST: Final = frozenset("🛑🚫⛔🙅✋👎🖕😡🤬😠😤💢🤮🤢😒🙄❌")
