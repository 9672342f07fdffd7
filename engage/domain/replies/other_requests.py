"""The wrong person, coming back, and asking for help (rules.md L7)."""

from __future__ import annotations

from typing import Final

from engage.domain.replies.reading import ABOUT_SOMETHING_ELSE, DIRECT
from engage.domain.replies.rules import Rule, Table

# Somebody's own wrong numbers and days.
NOT_THE_WRONG_PERSON: Final = Table(
    Rule(
        "Is about a wrong number somewhere else.",
        ABOUT_SOMETHING_ELSE,
        """
        (i|we|he|she|they|who|they) (must|may|might|think i|just|have|accidentally|probably|already|also|maybe){0,3} (have)? (gave|give|given|put|wrote|called|call|dialed|dial|typed|entered|had|listed|used|left|texted|provided|filled in|sent) (you|down|in|the|a|my|to|them|him|her|it to){0,4} THE_WRONG
        (is|was|are) (this|that|it|the|my){1,2} (NUMBER|one|UNKNOWN)? (the|a) THE_WRONG
        (is|was) (my|the|your) (UNKNOWN|phone|insurance|policy|id|fax|account|home|claim|office|card){1,2} (number)? THE_WRONG
        THE_WRONG (number)? (on|in) (my|the|your|our) (file|form|chart|account|bill|website|card|record|records|insurance|paperwork|invoice|profile|letter|email|flyer)
        (called|dialed|have|had|got|used) THE_WRONG (fax|office|clinic|policy|claim|account|insurance|zip)
        (not|never) (a|the) THE_WRONG
        (billed|bill|charged|charge|paid|booked|saw|scheduled|sent (the)? bill to) (the|a|to the)? THE_WRONG
        THE_WRONG (number|amount|num) (of|for (my|the) (insurance|pharmacy|doctor|policy|fax|office|husband|wife|emergency))
        (me|nos) (equivoque|equivocamos)
        (di|puse|escribi|tengo|marque|llame al|marque el|dieron|dimos) (el|un|mal el|al)? numero EQUIVOCADO
        """,
    ),
)

WRONG_PERSON: Final = Table(
    Rule(
        "Says that we have the wrong number or person.",
        DIRECT,
        """
        THE_WRONG (freaking|damn|fucking|phone|cell|telephone|mobile|contact)? PERSON (?!(for (scheduling|billing|appointments)))
        THE_WRONG NAME (>|SEP|here|you)
        (got|have|texting|reached|contacted|sent|texted|messaging|sending|messaged|called|calling) (this|to|the|a|it|this to|these to){0,2} THE_WRONG (>|one|house|phone|family|NAME)
        (meant|intended|supposed to be|supposed to go|must be|probably|is|are|looking|was|were) (for|to)? (someone|somebody|another|anyone) (else|person|patient|other than me)
        (looking for|trying to reach|want|have|mistaken me for|confusing me with|mixed up with|confused with|mixing me up with) (someone|somebody|another person|the other|a different) (else|person|patient|NAME)?
        (EQUIVOCADO|EQUIVOCADO de) (numero|persona|telefono)
        (numero|persona|telefono|celular|tel) (esta|es|muy|de telefono)? EQUIVOCADO
        (se|te|os|creo que se|creo que te) (han|ha|has|estan)? (equivoco|equivoca|equivocaron|equivocado|equivocan|equivocas|equivocaste|confundio|confundieron|confunde|confundido) (de (numero|persona|telefono)|con otra|con otro|>|SEP|conmigo|senor)
        (esta|estan|estas) (usted|ustedes)? (EQUIVOCADO|marcando mal|llamando mal|escribiendo a otra|confundido|confundidos) (>|de|SEP|con)
        (busca|buscan|buscando|para|quiere) (a)? (otra|otro) (persona|numero|senora|senor|paciente)
        """,
    ),
    Rule(
        "Says that they are not the person we write to.",
        DIRECT,
        """
        (i am|it is|this is|that is|you are not texting|this|am) not (the|a|your)? (right|correct|intended|person) (person|NUMBER|recipient|number|patient|contact|you|one you|who)
        (this is|it is|that is|i am|my name is|this|was|is|im|am) not (mr|mrs|ms|miss)? (?!(UNKNOWN UNKNOWN))NAME (UNKNOWN|s)? (>|phone|NUMBER|anymore|any more|cell|and|so|i|but|you|NUMBER anymore|he|she|you have|it is|this is)
        (this is|that is|it is|is|this) (not|no longer|not even|isnt) (UNKNOWN|NAME|my (husband|wife|son|daughter|mom|mother|dad|father)|her|his|their|hers){1,2} (phone|NUMBER|cell|phone number|anymore|any more)
        (this|my|the) (phone|cell)? (NUMBER|phone) (no longer|does not|not|used to) (belong|belongs) (to)? (NAME|UNKNOWN|her|him|them|anyone|that|who|this|somebody|someone|another)
        (this|the|my) (phone|cell)? NUMBER (has|was|is|just|got|been|recently){1,4} (reassigned|recycled|given to|assigned to|changed|transferred|new to me|passed)(?! (to (a|my)|if))
        (this|the) (phone|cell)? NUMBER (no longer|not longer) (belongs|is|belong|SHE)
        (no one|nobody|no UNKNOWN|there is no|there is no one|there is nobody|no such|not anyone|no NAME|not a) (one|body|person|NAME|UNKNOWN){0,2} (here|at this NUMBER|by that name|named|called NAME|with that name|lives here|by the name|of that name|on this NUMBER)
        no such person
        not the (number|phone) (for|of) (mr|mrs|ms)? NAME
        < (ya)? no vive (ya|mas)? (aqui|aca)
        (is|was|are|were|be) not (meant|intended) for me
        (MSG|MSGS|text) (is|was|are|were|must) not (be)? (meant|intended)? for me
        < POLITE{0,2} (nope|nah)? not NAME >
        (NAME|ella|persona|senora|senor|nadie|UNKNOWN) (ya)? no (vive|trabaja|se encuentra|vive ya) (mas)? (aqui|aca|en este|con)
        not (the|your|a) (right|correct|intended) (person|number|NUMBER|recipient|patient) (>|for NAME|you|SEP)
        (este|ese|esta|ese)? no es mi (numero|cita|nombre) (>|SEP)
        (NAME|ella|el|persona|senora|senor) ya no (tiene|usa|vive|trabaja|esta) (este|ese|aqui|aca|mas|con)
        (not|never) (have|has|got|use|uses|own|live|lives|belong) (this|that|here|the|to) (NUMBER|phone)? (any more|anymore|any longer)
        (NAME|SHE|person|UNKNOWN) (do|does|did|has|have)? (not|no longer|never) (live|lives|work|works|use|uses|have|has|had|own|owns|owned|used|lived) (here|at this|this|that)
        (do|does|did|have) (not|no idea) (know|who|recognize|heard of) (who|anyone|any|anybody|this|a|an|of|that is|somebody){0,3} (named|called|NAME|by that name|that name|by the name)
        (who|whose) (is|the hell is|tf is|in the world is|the heck is) NAME (?!(at|doctor))
        (not me|not my appointment|not mine|wasnt me|not my name|not my VISIT) (please|sorry|POLITE){0,2} >>
        not a patient (here|of yours|at your|of your|with you|there|at|>|or)
        (never|not) (been|be|heard|go|gone|went|visited|use|made|booked) (to|of|at|a|an|your|any|ever|there){1,4} (clinic|office|practice|place|facility|appointment|business) (before|in my life|ever|>|with you|or)
        (got|have|just got|recently got|had|inherited|took over) (this|a) (new)? NUMBER (recently|last|NUM|a|from|this|two|few|yesterday|for|today|since){1,2}(?! (so|now update))
        (just|recently|newly) (got|received|bought|acquired|was given|were given|been given) this (new)? (phone|cell)? (NUMBER|phone|sim)
        (NAME|SHE|UNKNOWN) (changed|got rid of|has changed|gave up|switched|lost) (SHE|his|her|their|this)? (phone|cell)? NUMBER
        not (who|the one|the person|whoever) (you|your|u) (think|are|looking|want|wanted|re)
        you (must|may|might|have)? (have|be|got)? (me|us)? (mistaken|confused|mixed up) (me|with|for|>)
        (no soy|este no es|esta no es|no es|yo no soy|ella no es|aqui no es) (la senora|el senor|senora|senor|la|el)? (NAME) (>|ni|UNKNOWN|SEP|y)
        (no soy) (la persona|esa persona|el paciente|la paciente|quien|el que|la que|ese|paciente de ustedes|su paciente|a quien|esa|el dueno|la duena)
        (este|ese) (numero|telefono|celular) (ya)? (no) (es|pertenece|le pertenece|corresponde) (mas)? (de|a|el|al|suyo|la)
        (este|ese)? (ya)? no es (el|su|mas|ya){1,2} (numero|telefono|celular) (de|>|que|correcto|SEP)
        (ya)? no es (el)? (numero|telefono|celular) de
        (aqui|aca|alli) no (vive|trabaja|esta|hay|se encuentra|conocemos|conozco) (ningun|ninguna|nadie|NAME|UNKNOWN|esa|con|ese|a)
        (no hay|no vive|no existe) (nadie|ningun|ninguna|ninguno|NAME|UNKNOWN){1,2} (aqui|con ese nombre|aca|llamado|llamada|que se llame|de ese nombre)
        (no)? (conozco|conocemos|se quien es) (a)? (ningun|ninguna|nadie|esa|ese|NAME) (NAME|UNKNOWN|persona|senor|senora|llamada|llamado|con|>)
        (quien es|quien diablos es) NAME
        (acabo de|apenas|recien) (obtener|conseguir|comprar|recibir|tengo|compre|me dieron) (este|ese) (numero|telefono)
        """,
    ),
)

START: Final = Table(
    Rule(
        "Asks for the messages to begin again.",
        DIRECT,
        """
        < POLITE{0,4} (start|begin|resume|restart|continue|reactivate|reinstate|renew|unstop|resend) (POLITE|up|back|with|sending|getting|receiving|me|us|again|to send|to get|all){0,4} UNKNOWN? FILL{0,4} (appointment|visit)? (MSGS|TEXTING|subscription|MSG|TEXT me) _{0,4} >
        (can|could|please|would|want|like|need|will) (you|to|i|we|us|please|PLEASE|me|get){0,3} (start|begin|resume|restart|reactivate|reinstate) (POLITE|up|back|with|sending|getting|receiving|me|us|again|to){0,4} FILL{0,4} (appointment|visit)? (MSGS|TEXTING|subscription|MSG|TEXT me|texted)
        (start|begin|resume) (TEXTING|sending) (me|us)
        (sign|add|put|opt|turn|switch|subscribe|get|enroll) (me|us|it|my NUMBER|the MSGS|MSGS|FILL MSGS|the FILL MSGS|them|these){1,2} (back|in|up|on) (in|up|on|to|for|onto|again|back){0,2} (>|PLEASE|again|FILL{1,3} (LIST|MSGS)(?! for)|SEP)
        (sign|subscribe|enroll|opt) me (up|in) (for|to)? (FILL){0,3} (MSGS|reminders|LIST)
        (turn|switch|put) (back)? (on) FILL{0,4} (MSGS)
        (resubscribe|re subscribe|subscribe|reenroll|opt back in|opt in|reactivate) (me|us|my NUMBER|again|please|to FILL{0,3} MSGS|PLEASE){0,3} >
        (want|would like|like|need) to (resubscribe|re subscribe|opt in|opt back in|subscribe|start again|get back on|rejoin|be added back|sign back up|be back on|resume|reactivate) (>|PLEASE|to FILL{0,3} MSGS|again|the LIST|your LIST|FILL{1,3} MSGS|getting|receiving)
        (want|would like|like|need) (to)? (get|receive|have|getting|be|restart|see|start) (FILL|appointment){0,4} (MSGS|MSG|TEXT|texted|notified) (again|back|once more|going forward|after all)
        (?<!if you)(can|may|could|please|okay|ok to|ok for you to) (you)? POLITE? (TEXT|message|contact|send|write) (me|us) (MSGS|FILL|the){0,2} again (>|PLEASE)
        (changed my mind|change of heart) SEP? (please|and|can you|you can|i){0,2} (start|resume|TEXT|restart|want|sign|put|add|keep)
        (want|need|like) (the|my|your|to get|to have)? (appointment|visit)? MSGS (again|back)
        (quiero|quisiera|deseo) (recibir) EL{0,2} MENSAJES (otra vez|de nuevo|nuevamente)
        undo (the|my)? (stop|opt out|unsubscribe)
        << POLITE{0,3} (start|resume|restart|subscribe|begin) (again|it|them|back|PLEASE|all){1,3} >>
        (quiero|quisiera|deseo|pueden|puede|me gustaria) (volver a|que me|recibir|otra vez|de nuevo|seguir){1,2} (recibir|ESCRIBAN|EL|manden|enviar|enviarme|mandarme|recibiendo){1,3} (MENSAJES)? (de nuevo|otra vez|nuevamente|>)
        (volver a|vuelvan a|vuelva a|reanudar|reanude|reanuden|reactivar|reactiven|activar|activen|empiecen a|comiencen a|iniciar|inicien) (ESCRIBIR|recibir)? (EL|MENSAJES|de|PLEASE|mandarme|enviarme){1,3}
        (suscribirme|suscribanme|inscribirme|apuntenme|anotenme|suscribame|inscribanme|denme de alta|darme de alta|deme de alta) (POLITE|otra vez|de nuevo|nuevamente|a (EL){0,2} (MENSAJES|LISTA)|en (EL){0,2} LISTA){0,3} >
        """,
    ),
)

HELP: Final = Table(
    Rule(
        "Asks for help, without saying with what.",
        DIRECT,
        """
        << (?!no) POLITE{0,4} (i|we)? (need|want|could use|require) (some|your|a little|any|a bit of|PLEASE|more){0,2} (help|info|information|assistance) POLITE{0,4} >>
        << (?!no) POLITE{0,4} (can|could|would|will) (you|someone|somebody|anyone|anybody|u) POLITE{0,2} (help|assist) (me|us)? (out)? POLITE{0,4} >>
        << (?!no) POLITE{0,3} (help|assist) (me|us)? (out)? POLITE{0,4} >>
        << (?!no) POLITE{0,3} (send|give|get|text) (me|us)? (some|more|the|any|a){0,2} (help|info|information) POLITE{0,3} >>
        << (?!no) POLITE{0,3} (more|some) (info|information|help|details) POLITE{0,3} >>
        << (?!no) POLITE{0,3} (can|could|may) i (get|have) (some|more|any){0,2} (help|info|information|assistance) POLITE{0,3} >>
        << (?!no) POLITE{0,3} is there (anyone|anybody|someone|somebody) (who|that|there){1,2} (can|could|to) help (me)? POLITE{0,2} >>
        << (?!no) POLITE{0,3} (necesito|quiero|quisiera|ocupo|requiero|deme|denme|dame|mas|pido) (mas|de|su|un poco de|una)? (ayuda|informacion|info) POLITE{0,3} >>
        << (?!no) POLITE{0,3} (me)? (pueden|puede|podria|podrian|puedes|alguien puede|alguien me puede) (ayudar|ayudarme) (me)? POLITE{0,3} >>
        << (?!no) POLITE{0,3} (ayuda|ayudeme|ayudenme|ayudame|informacion) POLITE{0,3} >>
        """,
    ),
)
