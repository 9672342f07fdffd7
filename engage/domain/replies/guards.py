"""What looks like an opt-out and is about something else, is denied, asked or quoted; and opt-outs with a condition.

``ABOUT_SOMETHING_ELSE`` is taken out of a message before the tables of requests read it.
"""

from __future__ import annotations

from typing import Final

from engage.domain.replies.reading import ABOUT_SOMETHING_ELSE as SURE
from engage.domain.replies.reading import UNCLEAR
from engage.domain.replies.rules import Rule, Table

ABOUT_SOMETHING_ELSE: Final = Table(
    Rule(
        "Speaks of what does not stop, should not stop, or was not meant to.",
        SURE,
        """
        (not|never|without|no need|no reason|rather than|instead of) (really|actually|ever|even|just|POLITE|accidentally){0,2} (want|need|mean|intend|ask|asking|asked|said|say|saying|tell|telling|told|wish|like|plan|planning|going|trying|try|ready|have|meant|meaning|wanting|reply|type|text|request|requested|sign up){0,2} (you|me|to|for|yall|it|us|them|the|word){0,4} (stop|quit|UNSUB|opt|opting|opted|remove|removed|delete|drop|cease|discontinue|cancel|end|turn off|turn)(?! the treatment)
        (did|have|was|am|were|has) (i|we) (get|been|become|already|just|accidentally|still)? (UNSUB|opted out|opt out)
        < (is|does|did|was) stop (the|a|an|mean|cancel|end|still|my) _{0,3} (to)? (opt out|UNSUB|end)?
        (i|we|he|she) (have)? (unsubscribed) from (NAME|UNKNOWN|my|all my|the) (?!(LIST|MSGS))
        no (calls|phonecalls) _{0,3} SEP? _{0,2} (text|texts|texting|sms|message|messages) (only|is|please|me|>|works|are)
        (stop|quit|not) (CALLING) (me|us|my UNKNOWN|my phone|at work|my NUMBER){0,2} SEP? (and|please|just|you|can|but){0,3} (text|email|message) (me|instead|please|us)
        (not|never) (please|ever|POLITE)? take (me|us|my NUMBER|my name) off
        not (be|get|want to be|need to be|asking to be|want to get) (removed|taken|UNSUB|opted|deleted|dropped)
        (UNSUB|opted out|opt out|stop|stopped) (by|in|on) (mistake|accident|error|me mistake)
        (accidentally|mistakenly|inadvertently|somehow) (_){0,3} (UNSUB|opted out|opt out|stop|stopped)
        (no|nunca) (quiero|quise|quisiera|deseo|queria|pedi|dije|dejen|deje|dejes|paren|pare|pienso) (que)? (me|nos)? (cancelar|parar|paren|darme de baja|dejar de recibir|dejen|deje|salir|quitarme|quiten|saquen|detener|de ESCRIBIR|de mandarme|de enviarme)
        (no|nunca) (me)? (quiten|saquen|borren|eliminen|cancelen|den de baja)
        """,
    ),
    Rule(
        "Asks about stopping, or tells of it, and requests nothing.",
        SURE,
        """
        (?<!how)(?<!where)(do|does|did|have|has|will|would|should|must|shall|am) (i|we|he|she|it|they|my _) (need|have|still|just|to|get to|be able to|able|POLITE){0,4} (stop|quit|cancel|end|opt out|UNSUB|reply|text|say|send) (TEXTING|TEXT|MSGS|the|my|getting|receiving|FILL|of|word|stop|out|from)
        (why|when|where) (did|have|has|do|does|are|is|will) (you|yall|they|we|the|your|i|my){1,2} (people|guys|all|ever|just|system|office|MSGS)? (stop|quit|cancel|end)
        (?<!how)(did|have|has|do|does) (you|they|the|your){1,2} (people|guys|all|ever|just|office|clinic|system)? (stop|quit|cancel|ever stop) (TEXTING|CALLING|FILL|getting|my)
        if (i|we|he|she|they|someone|people|my _|a _) (were to|want to|wanted to|decide to|ever|do|need to|have to|just|reply|text|say|send|type|choose to|with|try to|to|the word|word){0,4} (stop|quit|cancel|opt out|opt|UNSUB|end|remove)
        (what happens|what about|what does|what is|what would happen|how does) (if|when|the|to|i|you|word|reply|text|mean by){0,4} (stop|UNSUB|opt out)
        (reply|text|send|txt|texting|replying|sending|type|typing|responding|says|said|write) (with|the word|back)? stop (to|for|and|if|at any time|anytime|NUM)(?! (you|me))
        (text|reply|msg) stop (to)? (end|cancel|opt out|quit|UNSUB|stop)
        (responda|responde|envie|envia|escriba|texto) (stop|parar|alto|baja) (para)? (cancelar|salir|terminar|darse)
        (does|would|will|can) (replying|texting|sending) (with)? stop
        (bus|truck|pit|rest|full|train|subway|tram|metro|trolley|last|first|next|whistle|short|door|non|one|every|quick|each) stop
        (ignore|disregard|cancel|delete|unsend|forget|see|read|saw|got|get) (my|the|that|your|this)? (last|previous|prior|earlier|first|second|other|old|above) (few)? (MSGS|MSG)
        """,
    ),
    Rule(
        "Is about what the person writes or sends, not about our messages.",
        SURE,
        """
        (i|we|they|she|he|ill|who) (still|just|really|usually|also)? (do|did|can|could|would|will|should|have|am|may)? (not|never|rarely) (really|usually|always|even|just|ever)? (TEXT|call|BOTHER|write|send|talk|TEXTING|texted|sending|CALLING|get|got|receive|see|have|sent|read|open)(?! (to (be|receive|get)|FILL{0,3} (MSGS|MSG) (anymore|any more|any longer) (please)?))
        (i|we) (need|want|have|should|must|try|trying|got|ought|promised|like|tend) (to)? (stop|quit|cease) (TEXTING|CALLING|emailing|sending) (and|while|at|during|so|in|my (ex|boyfriend|girlfriend|husband|wife|mom|friends|kids))
        who (told|asked|said) (you|to|yall|them){1,2} (stop|cancel|end|unsubscribe|UNSUB|remove)
        no me (llame|llamen|llames) _{0,4} SEP? _{0,3} (mensaje|texto|mensajes|textos)
        no me (mande|manden) a (otro|otra|la|el|un|una|mi)
        (the|at|to|by|very) end (of|time|date)
        (text|texting|texts|message|messages) (me|is|only|are|please|ok|fine|SEP|but|and|instead){1,3} (not|do not) (call|email|mail|phone|leave|ring)(?! (or|and) (text|message))
        (list|lists) for (VISIT|UNKNOWN|NUM|early|the VISIT|the UNKNOWN|my|next|an|surgery)
        no need to (TEXT|call|send|BOTHER|reply|write|contact|remind)
        not (need|have) to (TEXT|call|send|BOTHER|write|remind)
        (not|never) (call|email|mail|phone|ring|leave|write) (?!(or|and|nor))(_(?<!or)(?<!nor)(?<!and)|SEP){0,10} (text|texts|texting|message|sms) (is|me (?!(again|anymore))|us|instead|only|works|please|>(?! SEP (or|nor|email|and|call))|are|would|if|at|when|ok|good|fine|better|message)
        (not|never) (text|message|call|write|email) (me|us)? back
        (not|never) (send|sending|mail|email|text) (me|us)? (the|a|my|an|your|out the|it to){1,2} (bill|bills|invoice|form|forms|paperwork|link|code|records|results|prescription|check|package|address|claim|report|wrong|picture|photo|pictures|statement|statements|copy|lab|labs|new|refill|next|old|x)
        """,
    ),
    Rule(
        "Is about a visit or care, not about messages.",
        SURE,
        """
        (opt|opting|opted) out of (the|an|my|any|this|that|having|doing|getting|your){0,2} (UNKNOWN|FILL)? (x|xray|survey|form|intake|VISIT|surgery|treatment|procedure|test|insurance|plan|study|needles|needle|cupping|massage|vaccine|shot|medication|class|portal|billing|anesthesia|genetic|research|sharing|that one|student|photo|epidural|physical|group|exercise|fee)
        REMOVE (POLITE)? (me|us|my name|my|NUMBER|our|myself){1,2} (off|from|of|out of) (of)? (the|your|my|that|this|all|any){0,2} (UNKNOWN|cancellation|standby|wait|short|call|morning|afternoon|evening|NUM|pm|am|surgery|daily)? (VISIT|wait|waitlist|waiting LIST|wait LIST|cancellation LIST|standby LIST|standby|medication|medications|meds|medicine|pills|prednisone|ibuprofen|aspirin|painkillers|opioids|blood|insurance|plan|NUM|work|drugs|statins|tramadol|gabapentin|bill|hold|oxygen|treatment|table|books|diet|antibiotics|steroids|birth)
        REMOVE (me|us|my name) (off|from|of) (the|your|that) UNKNOWN? LIST (for|on) (the|my|this|next)? (VISIT|NUM|UNKNOWN)
        (how|can|when|to|i|you|we|help me|please|and) (do|can|could|should|want|would like|get|need|wean){0,2} (i|me|to|you)? (get|come|wean|go|take me)? off (of)? (my|the|these|this|that){0,2} (medication|meds|medicine|pills|prednisone|ibuprofen|aspirin|painkillers|opioids|drugs|gabapentin|crutches|couch|table|highway|exit|bus|train)
        REVOKE (my|the|all|any|his|her){0,2} CONSENT (for|to|on) (the|my|a|an|his|her|all)? (surgery|treatment|procedure|release|share|sharing|records|operate|test|testing|speak|talk|discuss|husband|wife|ex|mother|treat|procedures|needling|acupuncture|disclose)
        (cancel|end|stop|turn off) (my|the|our|this|that|all my|all){0,2} (UNKNOWN|NUM|next|upcoming|first|physical)? VISIT (?!(MSGS|MSG))
        cancel (my|the|our|this|that){0,2} (VISIT|NUM) _{0,3}
        """,
    ),
    Rule(
        "Is about a visit or care in Spanish, not about messages.",
        SURE,
        """
        (no|ya no) me (llame|llamen|escriba|escriban|mande|manden|envie|envien) (por|la|el|una|un|los|las) (esa|este|ese|factura|receta|cuenta|formulario|cita|resultado|resultados|documento|documentos|papeles|ambulancia|direccion|enlace|link)
        (dar|darle|doy|pedir|tengo|estoy|necesito) (de|la|una)? baja (laboral|medica|por|del trabajo|la cita|mi cita|de la cita|del seguro|en el trabajo|el seguro|para)
        (cancelar|cancele|cancelen|cancela|parar|detener) (mi|la|una|el|mis|las|esa|esta|nuestra) (cita|citas|visita|consulta|sesion|reserva|turno|hora|sangrado|dolor|proxima|medicina|operacion|cirugia)
        (puedo|debo|tengo que|puede|cuando) (dejar|parar|dejo|suspender) (de)? (tomar|la|el|los|las|hacer|usar)
        """,
    ),
)

# After a request: it is about when or how often, not about whether.
LIMITED: Final = Table(
    Rule(
        "Asks for fewer messages or other hours, not clearly for their end.",
        UNCLEAR,
        """
        (ME|FILL|MSGS|MSG|please|again|anymore|NUMBER|TEXTING|back|here|and|or|call|calling){0,5} (at|before|after|until|till|during|while|when|whenever) (UNKNOWN|NUM|i|my|night|work|the|dinner|pm|am|midnight|noon|school|church|lunch|class|monday|tuesday|office|business|hours|nights|he|she|lunchtime|bedtime|dark)
        _{0,4} (so|this|that|too) (early|late|often|frequently|much|many|soon)
        _{0,4} (early|late|middle) (in|at|of)
        _{0,3} (on|over|every) (the)? (weekend|weekends|sunday|sundays|saturday|saturdays|holidays|monday|mondays|shabbat|sabbath)
        _{0,3} (twice|three times|NUM times|multiple times) (a|per|in)
        _{0,3} (so many|as many|as often|duplicate|double)
        _{0,2} (today|tonight|tomorrow|this (week|morning|evening|afternoon|month)) >
        _{0,3} (antes de|despues de|en la noche|de noche|por la noche|tan temprano|tan tarde|tan seguido|los domingos|los fines|de madrugada|en el trabajo|a las|cuando|hasta|mientras|tantas)
        """,
    ),
)

KEEP: Final = Table(
    Rule(
        "Wants some of the messages to stop and others to go on.",
        UNCLEAR,
        """
        (but|just|and|except|only|though|however|SEP) (please|for|i want|i need|i would like|do|still|to|like|the|can|i do){0,3} ((?<!i)(?<!you)keep|continue|leave|still (send|want|need)|want|send|need)(?! (no|to stop|email|emails|it to|this to|these to|off)) (getting|receiving|sending|me|the|my|on|with|to|those|ones|that|a){0,4} (FILL|UNKNOWN|VISIT|my){0,2} (MSGS|MSG|ones|VISIT|confirmations)
        < POLITE{0,2} (just|only) (want|send|need)? (me)? (the|my)? (appointment|visit|UNKNOWN)? (reminders|confirmations) POLITE{0,2} >
        (except|besides|other than|apart from|unless|excluding|aside from) (for|it is|they are|the|my|its|if|about|it|is|from|to)? (for|the|my|about|a|an){0,2} (UNKNOWN)? (MSGS|MSG|VISIT|confirmations|urgent|emergency|important|important)
        (only|just) (text|send|message|contact|want|need) (me|us)? (for|about|the|my|with|when|if|regarding|appointment|VISIT){1,3}
        (pero|solo|menos|excepto) (si)? (quiero|mandenme|manden|los|las|de|recordatorios|dejen|sigan|recordarme){1,3} (los|las|de|mis|recordatorios|citas|cita|con){1,3}
        (just|only) (kidding|joking)
        jk >
        (actually|wait|oops) POLITE{0,2} (never mind|nevermind|keep|not)
        """,
    ),
)
