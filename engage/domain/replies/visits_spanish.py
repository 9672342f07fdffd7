"""What people answer about their visits in Spanish. See ``visits``."""

from __future__ import annotations

from typing import Final

from engage.domain.replies.reading import DIRECT
from engage.domain.replies.rules import Rule

CONFIRM: Final = (
    Rule(
        "Says in Spanish that they will come.",
        DIRECT,
        """
        (?<!no) (confirmo|confirmamos)
        << (SEP|POLITE|si|quiero|quisiera|deseo|para|lo|es|me gustaria){0,5} (confirmar|confirmado|confirmada|confirmarla) (SEP|POLITE|mi|la|asistencia|CITA|cita|DIA|del|de|para|el|CLOCK|NUM|a las){0,8} >>
        (CITA|esta|queda) (confirmada|confirmado) (>|POLITE)
        (quiero|quisiera|deseo|me gustaria) confirmar (mi|la|el|CITA|asistencia)
        (ahi|alli|alla|aca|aqui) (estare|estaremos|nos vemos|voy a estar|estoy|llego|llegare|vamos a estar|te veo|los veo|andare) (>|POLITE|a las|el|manana|DIA|SEP|sin falta|puntual)
        (?<!no) (estare|estaremos|voy a estar|vamos a estar|llegare|llego) (ahi|alli|alla|aca|presente|puntual|a tiempo|en mi CITA|en la CITA)(?! (en (NUM|CLOCK|unos|como)|tarde))
        (<|si|yo|claro) (SEP|POLITE|si)? (nos vemos|hasta (manana|luego|el DIA|DIA|pronto|entonces|la proxima)) (POLITE|SEP|manana|entonces|el|a las|DIA|ahi|alli|alla|pronto|en|la|NUM|CLOCK|por la|proximo|proxima){0,5} >
        (POLITE|ok|gracias) (SEP)? nos vemos (>|manana|el|a las|entonces|ahi|alli|DIA)
        (cuente|cuenten|cuenta) conmigo
        (si|claro que) (SEP)? (si)? (voy|ire|asistire|asisto|vamos|iremos|puedo ir|puedo asistir|voy a ir|ahi estoy|vamos a ir)
        << (SEP|POLITE|yo){0,3} (asistire|ire|voy a ir|voy a asistir|asisto|iremos|vamos a ir) (>|manana|a mi CITA|a la CITA|POLITE|el|DIA|sin falta)
        """,
    ),
)

RESCHEDULE: Final = (
    Rule(
        "Asks in Spanish for another time.",
        DIRECT,
        """
        (reprogramar|reagendar|reprogramarla|reprogramen|reprograme|reagendarla|reagende|reagenden|reprogramacion|recalendarizar|reagendo|reprogramo)
        (cambiar|cambio|cambie|cambien|mover|mueva|muevan|mueve|cambiarme|moverme|cambiarla|moverla|cambieme|cambienme|pasar|pasarme|pasarla|pase|pasen|cambiamos|movemos|cambiarlo|modificar|correr|recorrer|adelantar|atrasar) (me)? (de|mi|mis|la|las|el|esa|esta|nuestra|su){0,2} (CITA|hora|dia|fecha|horario|turno|cita)
        (cambiar|mover|cambie|cambien|muevan|cambiarme|moverme|pasar|pasarme|pasarla|pase|pasen|cambiarla|moverla|cambieme|cambienme|pasarlo|cambiarlo|moverlo) (me|la|lo)? (para|a|al|hasta) (el|la|las|otro|otra|una|un|este|esta|mas){0,2} (DIA|proximo|proxima|NUM|CLOCK|dia|hora|fecha|semana|mes|temprano|tarde|lunes)
        (posponer|aplazar|posponga|pospongan|aplace|posponerla|aplazarla|postergar|postergarla|pospongo)
        (otra|otro|otras|otros|diferente|distinta|distinto|nueva|nuevo) (hora|dia|fecha|horario|cita|horas|horarios|dias|momento|fechas)(?! (formulario))
        (hay|tiene|tienen|tendra|tendran|habra|tendria) (SEP|algo|alguna|algun|espacio|lugar|una|un|disponible|cupo|cita|citas|otra|otro){0,3} (mas|para|el|en la|la|disponible|antes|despues|otro|otra|este|esta|proxima) (temprano|tarde|DIA|hora|horario|dia|semana|manana|proxima|las|proximo|disponible|>)
        (?<!no) (puede|podria|puedo|podemos|podriamos|se puede|pudiera) (posible)? (ser|ir|hacerlo|hacerla|venir|pasar|dejarlo|llegar|asistir|verme|atenderme|que sea)? (mejor|el|la|a las|para|para el|otro|en|manana|por|mas){0,3} (DIA|mas tarde|mas temprano|otro dia|proxima|proximo|NUM|CLOCK|temprano) (POLITE|mejor|en vez|SEP|por la|a las|NUM|siguiente|tarde|proximo|que viene|de){0,3} (>|en vez|en lugar|mejor)
        (?<!no) (puedo|podria|podemos) ir (el|la|a las|manana|otro|mejor)
        (en vez|en lugar|envez) de(l)? (el|la|hoy|manana|DIA|las|NUM)
        mejor (para|el|la|otro|a las|por la|manana|en la){1,2} (DIA|otro|NUM|CLOCK|dia|proxima|manana|tarde|>)
        (cancelen|cancele|cancelar) (SEP|_){0,4} (otra|otro|nueva)
        me pueden? cambiar
        (me)? (puede|pueden|podria|podrian|pudieran) (ayudar|ayudarme|ayudan)? (a|con)? (cambiar|cambiarme|mover|moverme|pasar|dar otra|darme otra|dar otro)
        """,
    ),
)

CANCEL: Final = (
    Rule(
        "Asks in Spanish to cancel a visit, or says that they will not come.",
        DIRECT,
        """
        (cancelar|cancele|cancelen|cancela|cancelo|cancelarme|canceleme|cancelenme|cancelacion|anular|anule|anulen|cancelarla|cancelamela) (POLITE|me|de|mi|mis|la|las|lo|el|por favor|una|esa|esta|nuestra|su|del|todas){0,4} (CITA|DIA|cita|NUM|CLOCK|ORDINAL|proxima|de)
        (quiero|quisiera|deseo|necesito|tengo que|voy a|voy a tener que|tendre que|puedo|debo|me gustaria|como|pueden|puede|podria|podrian|vamos a|tenemos que|para) (por favor)? (cancelar|cancelarla|anular|cancelo) (>|SEP|POLITE|hoy|manana|la|mi|el|lo|DIA|por|porque|las|una|esta|esa)
        (no) (puedo|podre|podremos|podria|podemos|voy a poder|vamos a poder|alcanzo a|alcanzare a|va a poder|puede|voy a alcanzar a|creo que pueda|creo poder|creo que voy a poder) (ir|asistir|llegar|venir|acudir|presentarme|estar|ir hoy) (?!(a tiempo|tarde|antes|a las|al (gimnasio|trabajo|bano)))
        no (puedo|podre|podremos|voy a poder|puede) (>|hoy|manana|el DIA|DIA|esta|este|con la CITA|ese dia|POLITE >)
        (hoy|manana|DIA) (ya)? no (puedo|podre|voy|ire|vamos|voy a poder|podemos)
        no (voy|ire|iremos|vamos|asistire|asistiremos|llego|voy a ir|vamos a ir|voy a llegar|estare|voy a asistir|ira|va a ir|pienso ir|quiero ir|acudire|llegare) (>|SEP|hoy|manana|a (la|mi) CITA|a (la|mi)|el DIA|ahi|alli|alla|POLITE|porque|DIA|esta|este|por)(?! a tiempo)
        (ya no|no) (quiero|necesito|deseo|voy a necesitar|requiero) (ir|asistir|mi|la|esa|esta)? (a)? (mi|la)? (CITA|ir)
        (es|sera|resulta) (imposible|dificil) (ir|asistir|llegar|acudir)
        no (me|nos) (es|sera) posible
        (surgio|salio|se presento|me salio|ha surgido) (algo|un imprevisto|una emergencia|un problema|un compromiso|otra cosa)
        (quite|quiten|quitenme|quiteme|elimine|eliminen|elimina|borre|borren|saquenme|saqueme|saquen) (me|la|mi|de|el|mis|del|las){0,3} (CITA|agenda|calendario|DIA)
        (no contare con|no tengo) (tiempo|transporte|quien me lleve|como llegar|como ir) (SEP|_){0,3} (cancelen|cancelar|cancele|no|ir|>)
        """,
    ),
)

LATE: Final = (
    Rule(
        "Says in Spanish that they will be late.",
        DIRECT,
        """
        (voy|vengo|llego|llegare|llegaremos|llegando|llegar|llegamos|vamos|estoy|ando|viene|vendre|llega|va) (SEP|muy|un|poco|poquito|NUM|CLOCK|como|unos|minutos|min|algo|a|con|llegando|bien|unos cuantos|mas|minutitos){0,6} (tarde|retrasado|retrasada|atrasado|atrasada|demorado|demorada|retraso|retrasados|retardo|tardito|tardecito)
        (hace|hizo|haciendo|esta haciendo|va a hacer) (un poco)? tarde
        << (SEP|POLITE|NUM|CLOCK|minutos|min|un|poco|como|unos|voy|perdon|disculpe){0,7} (tarde|retrasado|retrasada|atrasado|atrasada|demorado|demorada) (SEP|POLITE|perdon|disculpe|disculpen|disculpa|NUM|CLOCK|minutos|por el trafico|ya voy|lo siento|sorry|min){0,5} >>
        (con|mi|un|tengo) retraso
        (me|nos) (voy a|vamos a|estoy)? (retrase|retraso|retrasar|retrasando|demoro|demorar|demore|tardo|tardar|tarde un|atrase|atraso|atrasar|retrasamos|tarde)
        (voy a|me voy a) (tardar|demorar|retrasarme|demorarme|atrasarme)
        (perdon|disculpe|disculpen|siento) (por)? (la|el|mi)? (demora|retraso|tardanza|retardo)
        (atorado|atorada|atascado|atascada|atrapado|atrapada|parado|parada|detenido|detenida|varado) (SEP|_){0,2} (trafico|trancon|carretera|autopista|tren|metro|embotellamiento|freeway)
        (estoy|hay|mucho|por el|en el|el|demasiado) (mucho|muchisimo|en el|bastante)? (trafico|trancon|embotellamiento) (>|SEP|llego|voy|esta (pesado|horrible|terrible|feo|muy|parado)|disculpe|perdon|y|en la)
        << (POLITE|SEP){0,3} mucho trafico
        (llego|llegare|llegamos|estare|estaremos|voy llegando|estare llegando|ahi llego|llegaria|llegando) (ahi|alla|alli)? (en|como en|a|como a|en como|dentro de|como a las) (unos|como)? (NUM|CLOCK|quince|veinte|treinta|media hora)(?! (horas|dias|semanas|de la (manana|tarde)|am|pm))
        estoy a (unos|como)? (NUM|CLOCK) (min|minutos|cuadras)
        (ya)? (voy|casi llego|ahi voy) (SEP|en camino){0,3} (NUM|CLOCK|dame|deme|unos) (NUM|CLOCK)? (minutos|min|minutitos|mas)
        (NUM|CLOCK|cinco|diez|quince|veinte) (minutos|min|minutitos) (tarde|de retraso|mas tarde|atrasada|atrasado)
        (bus|tren|autobus|camion|metro|taxi|uber|carro|vuelo) (SEP|_){0,2} (tarde|retrasado|atrasado|demorado|retraso|se descompuso)
        (se me (paso|fue)|perdi) (el)? (bus|tren|autobus|camion|metro)
        """,
    ),
)
